import type { Everything } from './everything.ts'
import { usesBeside } from './made.ts'
import { Mentions } from './mentions.ts'
import type { Ingredient } from './model.ts'
import { inRole, isPlugin, isTaskPart, isVariablePart, isYaml } from './places.ts'
import type { Reader } from './reader.ts'
import type { FoundRole } from './role.ts'
import { withOthers } from './roles.ts'
import { NarrowTags, type Tags } from './tags.ts'
import { mentionsOfTasks } from './task-mentions.ts'
import { tagsOfFiles } from './uses.ts'
import type { Definition, Variables } from './variables.ts'

/** All that decides what a role does to its hosts, in the order of the names. */
export function ingredientsOf(everything: Everything, name: string, hosts: readonly string[]): readonly Ingredient[] {
  const { reader, roles, variables } = everything
  const own = roles.byName.get(name)
  if (!own) return []
  const foreign = new Set(
    [...roles.byName.values()]
      .flatMap(({ name: other, tasks }) => (other === name ? [] : tasks))
      .flatMap(({ tags }) => [...tags]),
  )
  const spoiled = own.spoiled || usesBeside(own, everything)
  const alone = new NarrowTags({ ...own, spoiled }, foreign)
  const narrow = tagsOfFiles(own, reader, variables, alone)
  const all = withOthers(roles.byName, [name])
  const mentions = new Mentions()
  for (const file of own.files) {
    if (isTasks(file) || own.tasks.some((task) => task.file === file))
      mentionsOfTasks(mentions, reader.yaml('playbook', file), { tasks: own.tasks, narrow: alone })
    else mentionsIn(mentions, everything, file, narrow.get(file) ?? 'all')
  }
  for (const role of all) {
    if (role === own) continue
    for (const file of role.files) mentionsIn(mentions, everything, file, 'all')
    for (const { node } of role.tasks) mentions.yaml(node, 'all', { keys: true, prose: false })
  }
  const files = all.flatMap((role) => filesOf(role, reader, variables, role === own ? narrow : new Map()))
  return sorted([...files, ...variablesOf(mentions, variables, hosts)])
}

function isTasks(file: string): boolean {
  return inRole(file)?.part === 'tasks' && isYaml(file)
}

function mentionsIn(mentions: Mentions, { reader, variables }: Everything, file: string, tags: Tags): void {
  // Variables count where they are mentioned, not where they stand.
  if (!variables.files.has(`playbook:${file}`)) mentions.file(reader, file, tags)
}

/** The files of a role, but for plugins, which every role may use, and those with variables. */
export function filesOf(
  role: FoundRole,
  reader: Reader,
  { files }: Variables,
  narrow: ReadonlyMap<string, Tags>,
): readonly Ingredient[] {
  return role.files.flatMap((file) => {
    const { part = '' } = inRole(file) ?? {}
    if (isPlugin(part)) return []
    if (files.has(`playbook:${file}`) && !(role.anyVars && part === 'vars')) return []
    const tags = narrow.get(file)
    return [{ name: `playbook:${file}`, file, of: 'playbook' as const, hash: hashOf(reader, file), ...tagged(tags) }]
  })
}

/** By meaning where Ansible reads it as YAML, else by bytes, and with the mode where it is copied. */
function hashOf(reader: Reader, file: string): string {
  const { part = '' } = inRole(file) ?? {}
  const isRead = (isTaskPart(part) || isVariablePart(part)) && isYaml(file)
  if (part === 'files' || part === 'templates') return reader.copied(file)
  return isRead ? reader.meant('playbook', file) : reader.bytes('playbook', file)
}

function tagged(tags: Tags | undefined): { readonly tags?: readonly string[] } {
  return tags === undefined || tags === 'all' ? {} : { tags: [...tags].sort() }
}

function variablesOf(mentions: Mentions, variables: Variables, hosts: readonly string[]): readonly Ingredient[] {
  const reached = mentions.reached(variables)
  return [...reached].flatMap(([definition, tags]) => {
    const { hosts: narrow, ...rest } = definition.ingredient
    // How a host is reached counts for every role.
    if (isConnection(definition)) return []
    if (mentions.indirect || narrow === undefined) return [{ ...rest, ...tagged(tags) }]
    const both = hosts.filter((host) => narrow.includes(host))
    if (both.length === 0) return []
    return [{ ...rest, ...tagged(tags), ...(both.length < hosts.length ? { hosts: both } : {}) }]
  })
}

export function isConnection({ variable }: Pick<Definition, 'variable'>): boolean {
  return variable.startsWith('ansible_')
}

/** In one order everywhere. */
export function sorted(ingredients: readonly Ingredient[]): readonly Ingredient[] {
  return ingredients.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
