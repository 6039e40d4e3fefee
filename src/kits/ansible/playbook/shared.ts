import type { Everything } from './everything.ts'
import { filesOf, isConnection, sorted } from './ingredients.ts'
import { Mentions } from './mentions.ts'
import type { Ingredient, Sources } from './model.ts'
import { inRole, isPlugin, isUncounted, isYaml } from './places.ts'
import type { Reader } from './reader.ts'
import { withOthers } from './roles.ts'

/** What counts for every role on every host: all that is not known to be one role's, or a variable's. */
export function sharedOf(everything: Everything): readonly Ingredient[] {
  const { reader, inventory, playbooks, roles, variables } = everything
  const mentions = new Mentions()
  for (const file of playbooks.files) mentions.yaml(reader.yaml('playbook', file), 'all', { keys: false, prose: false })
  const found = new Map<string, Ingredient>()
  const add = (one: Ingredient) => found.set(one.name, one)
  for (const file of playbooks.files) add(fileOf('playbook', file, reader.meant('playbook', file)))
  for (const [file, hash] of inventory.files) add(fileOf('inventory', file, hash))
  for (const role of withOthers(roles.byName, roles.ofPlays)) {
    for (const file of role.files) mentions.file(reader, file, 'all')
    for (const one of filesOf(role, reader, variables, new Map())) add(one)
  }
  for (const { of, file } of remaining(everything)) {
    mentionsOf(mentions, everything, of, file)
    if (!found.has(`${of}:${file}`)) add(fileOf(of, file, hashOf(reader, of, file)))
  }
  for (const definition of [...mentions.reached(variables).keys(), ...connections(everything)])
    add(definition.ingredient)
  return sorted([...found.values()])
}

function hashOf(reader: Reader, of: keyof Sources, file: string): string {
  return of === 'playbook' && /^(files|templates)\//.test(file) ? reader.copied(file) : reader.bytes(of, file)
}

function fileOf(of: keyof Sources, file: string, hash: string): Ingredient {
  return { name: `${of}:${file}`, file, of, hash }
}

/** Files that belong to no role and hold no variables of a known place. */
function remaining({ reader, inventory, playbooks, variables }: Everything) {
  return (['playbook', 'inventory'] as const).flatMap((of) => {
    return reader.paths(of).flatMap((file) => {
      const role = of === 'playbook' ? inRole(file) : undefined
      const isKnown = of === 'playbook' ? playbooks.files.includes(file) : inventory.files.has(file)
      if (isUncounted(file) || isKnown || variables.files.has(`${of}:${file}`)) return []
      return role && !isPlugin(role.part) ? [] : [{ of, file }]
    })
  })
}

/** What tasks, templates and plugins beside the playbook may look at. */
function mentionsOf(mentions: Mentions, { reader }: Everything, of: keyof Sources, file: string): void {
  const [top = ''] = file.replace(/^roles\/[^/]+\//, '').split('/')
  if (/^(action|lookup|vars|filter|test)_plugins$/.test(top)) mentions.text(reader.small(of, file), 'all', false)
  else if (top === 'collections' || isPlugin(top)) return
  else if (of === 'playbook' && isYaml(file) && !/^(files|templates)$/.test(top)) {
    mentions.yaml(reader.yaml(of, file), 'all', { keys: true })
  } else mentions.code(reader.small(of, file), 'all')
}

function connections({ variables }: Everything) {
  return [...variables.byName.values()].flat().filter(isConnection)
}
