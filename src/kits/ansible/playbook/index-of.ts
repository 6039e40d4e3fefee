import { doubtsOf } from './doubts.ts'
import { type Everything, readEverything } from './everything.ts'
import { faultError, type Names, usualNames } from './faults.ts'
import { ingredientsOf } from './ingredients.ts'
import { wordsIn } from './jinja.ts'
import { wordsBeside } from './made.ts'
import type { Index, PlayedRole, Sources, Unclear } from './model.ts'
import { inRole, isPlugin, isTaskPart, isVariablePart, isYaml } from './places.ts'
import { type Modes, Reader } from './reader.ts'
import { sharedOf } from './shared.ts'
import { child, textsIn } from './tree.ts'
import { namesMade } from './variables.ts'

export interface IndexOptions {
  /** What the two folders are called in messages; default `ansible` and `.cache/cluster/inventory`. */
  readonly names?: Names
  /** Permission bits of the playbook's files, by path, where they are known. */
  readonly modes?: Modes
}

/**
 * What a playbook does, from the contents of its folder and of the inventory's. What is not understood widens: to the whole role, to
 * all hosts, to the whole playbook. Errors, all of the family `usage`, with the place of each: E_YAML, E_JINJA, E_NOT_UTF8, E_NO_ROLE,
 * E_NO_PLAYBOOK.
 */
export function indexOf(sources: Sources, { names = usualNames, modes }: IndexOptions = {}): Index {
  const reader = new Reader(sources, modes)
  const everything = readEverything(reader)
  const { inventory, roles } = everything
  const played = roles.played.map((entry): PlayedRole => {
    const hosts = inventory.hosts.filter((host) => entry.hosts.has(host))
    return { name: entry.name, tag: entry.tag, hosts, ingredients: ingredientsOf(everything, entry.name, hosts) }
  })
  const shared = sharedOf(everything)
  const doubts = allDoubts(everything)
  const [first, ...others] = reader.faults
  if (first) throw faultError([first, ...others], names)
  return { hosts: inventory.hosts, roles: played, shared, ...doubts }
}

function allDoubts(everything: Everything) {
  const { inventory, playbooks, roles, variables } = everything
  const found = [...roles.byName.values()]
  const taskFiles = [...found.flatMap(({ tasks }) => tasks), ...roles.playTasks].map(({ file }) => file)
  const ofRoles = found.flatMap(({ files }) => files.filter(isEvaluated))
  const names = new Set([...ofRoles, ...taskFiles].map((file) => `playbook:${file}`)).union(variables.files)
  const evaluated = [...names].map((name) => placeOf(name)).filter(({ file }) => !playbooks.files.includes(file))
  const made = namesMade([...found.flatMap(({ tasks }) => tasks), ...roles.playTasks])
  const doubts = doubtsOf(everything, evaluated, made)
  const all = [
    ...playbooks.unclear,
    ...inventory.unclear,
    ...roles.unclear,
    ...found.flatMap(({ unclear }) => unclear),
    ...variables.unclear,
    ...doubts.all,
    ...foundOutElsewhere(everything),
  ]
  return { needsAllHosts: once(doubts.allHosts), needsAll: once(all) }
}

function placeOf(name: string): Pick<Unclear, 'of' | 'file'> {
  const [of = '', file = ''] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)]
  return { of: of === 'inventory' ? 'inventory' : 'playbook', file }
}

function isEvaluated(file: string): boolean {
  const { part = '' } = inRole(file) ?? {}
  if (isPlugin(part)) return false
  return part === 'templates' || ((isTaskPart(part) || isVariablePart(part)) && isYaml(file))
}

/** A role that uses what another role, or a play, found out cannot run without it. */
function foundOutElsewhere({ reader, roles: { byName, playTasks }, variables }: Everything): readonly Unclear[] {
  const makers = [...byName.values()].map(({ name, tasks }) => ({ name, made: namesMade(tasks) }))
  const others = new Set([...namesMade(playTasks), ...makers.flatMap((maker) => [...maker.made])])
  return [...byName.values()].flatMap((role) => {
    const own = makers.find((maker) => maker.name === role.name)?.made ?? new Set()
    const foreign = others.difference(own)
    if (foreign.size === 0) return []
    const what = 'a role uses what another one found out'
    const inTasks = role.tasks.flatMap(({ file, node, line }): readonly Unclear[] => {
      const used = textsIn(node).find(({ scalar, isKey, under }) => {
        return !isKey && under !== 'name' && wordsIn(scalar.text).some((word) => foreign.has(word))
      })
      return used && !child(node, 'import_role') ? [{ of: 'playbook', file, line: used.scalar.line ?? line, what }] : []
    })
    if (inTasks.length > 0 || foreign.isDisjointFrom(wordsBeside(role, { reader, variables }))) return inTasks
    const beside = 'templates or variables of a role use what another one found out'
    return [{ of: 'playbook', file: `roles/${role.name}`, line: 1, what: beside }]
  })
}

function once(all: readonly Unclear[]): readonly Unclear[] {
  return [...new Map(all.map((one) => [`${one.of}:${one.file}:${one.line}:${one.what}`, one])).values()]
}
