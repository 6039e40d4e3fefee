import type { Everything } from '../playbook/everything.ts'
import { isFact } from '../playbook/facts.ts'
import { codeOf, wordsIn } from '../playbook/jinja.ts'
import { inRole, isTaskPart, isVariablePart, isYaml } from '../playbook/places.ts'
import type { FoundRole } from '../playbook/role.ts'
import { child, textOf, textsIn } from '../playbook/tree.ts'
import { at, type Problem, type RoleRule } from './problem.ts'

interface Said {
  readonly file: string
  readonly line: number
  readonly text: string
}

/** Another role's variables are there only while a play runs it too. */
export const foreignVariables: RoleRule = (role, everything) => {
  return saidIn(role, everything).flatMap((said) => {
    return [...new Set(wordsIn(said.text))].flatMap((word) => {
      const owners = (everything.variables.byName.get(word) ?? []).map(({ ingredient }) => {
        return ingredient.of === 'playbook' ? inRole(ingredient.file)?.role : undefined
      })
      const [owner] = owners
      if (owner === undefined || owners.includes(role.name) || owners.includes(undefined)) return []
      return [at(said, 'foreign-variable', `${word} is a variable of the role ${owner}`)]
    })
  })
}

/** What is not gathered is not there, and what is gathered is not there for hosts that a run leaves out. */
export const facts: RoleRule = (role, everything) => {
  const plays = everything.playbooks.plays.filter(({ roles }) => roles.some(({ name }) => name === role.name))
  const off = plays.some(({ node }) => /^(no|false|off)$/i.test(textOf(child(node, 'gather_facts')) ?? ''))
  if (!off) return []
  return saidIn(role, everything).flatMap((said) => {
    const found = wordsIn(said.text).find(isFact)
    return found === undefined ? [] : [at(said, 'fact', `${found} is a fact, and none are gathered`)]
  })
}

/** What a lookup reads elsewhere is no source: a change of it is not seen. */
export const lookups: RoleRule = (role, everything) => {
  return saidIn(role, everything).flatMap((said) => {
    const [, plugin] =
      /\b(?:lookup|query|q)\s*\(\s*['"](?:ansible\.builtin\.)?(env|file|pipe|url)['"]/.exec(said.text) ?? []
    return plugin === undefined ? [] : [at(said, 'lookup', `looks up ${plugin}: nobody sees it change`)]
  })
}

/** Secrets come from the host's own files, not from what is under version control. */
export function secrets({ variables }: Everything): readonly Problem[] {
  return [...variables.byName.values()].flat().flatMap(({ variable, nodes, ingredient: { of, file } }) => {
    if (of !== 'playbook' || !/_(token|password|secret|key)$/.test(variable)) return []
    return nodes.flatMap((node) => {
      const text = textOf(node)
      const isLiteral = text !== undefined && text !== '' && node.tag !== '!vault' && !text.includes('{{')
      return isLiteral ? [at({ file, line: node.line }, 'secret', `${variable} holds a secret as text`)] : []
    })
  })
}

/** What Ansible evaluates in a role. */
function saidIn({ files }: FoundRole, { reader }: Everything): readonly Said[] {
  return files.flatMap((file) => {
    const { part = '' } = inRole(file) ?? {}
    if (part === 'templates') {
      const text = reader.text('playbook', file) ?? ''
      return codeOf(text).map((code) => ({ file, line: lineOf(text, code), text: code }))
    }
    if (!(isTaskPart(part) || isVariablePart(part)) || !isYaml(file)) return []
    const texts = textsIn(reader.yaml('playbook', file)).filter(
      ({ isKey, under }) => !isKey && under !== 'name' && under !== 'tags',
    )
    return texts.map(({ scalar }) => ({ file, line: scalar.line, text: scalar.text }))
  })
}

function lineOf(text: string, code: string): number {
  return text.slice(0, Math.max(0, text.indexOf(code))).split('\n').length
}
