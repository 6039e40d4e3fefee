import type { Everything } from './everything.ts'
import { wordsIn } from './jinja.ts'
import { Mentions } from './mentions.ts'
import { inRole } from './places.ts'
import type { FoundRole } from './role.ts'
import { textsIn } from './tree.ts'
import { namesMade } from './variables.ts'

/** What a role's templates, handlers, and the values of the variables that it reaches mention, beside its tasks themselves. */
export function wordsBeside(role: FoundRole, { reader, variables }: Pick<Everything, 'reader' | 'variables'>) {
  const beside = new Mentions()
  for (const file of role.files) {
    const part = inRole(file)?.part
    const isOther = part !== 'tasks' && part !== 'handlers' && !variables.files.has(`playbook:${file}`)
    if (isOther) beside.file(reader, file, 'all')
  }
  for (const { node, handler } of role.tasks) if (handler) beside.yaml(node, 'all', { keys: false, prose: false })
  const all = new Mentions()
  for (const word of beside.words.keys()) all.words.set(word, 'all')
  all.indirect = beside.indirect
  for (const { node } of role.tasks) all.yaml(node, 'all', { keys: false, prose: false })
  const values = [...all.reached(variables).keys()].flatMap(({ nodes }) => nodes)
  return new Set([...beside.words.keys(), ...values.flatMap(textsIn).flatMap(({ scalar }) => wordsIn(scalar.text))])
}

/** Whether something that its tasks find out is used where tags do not show it: then no part of it is safe. */
export function usesBeside(role: FoundRole, everything: Pick<Everything, 'reader' | 'variables'>): boolean {
  const made = namesMade(role.tasks.filter(({ handler }) => !handler))
  return made.size > 0 && !made.isDisjointFrom(wordsBeside(role, everything))
}
