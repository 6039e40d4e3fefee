import type { Structure } from './inventory.ts'
import { isTemplated } from './jinja.ts'
import type { Ingredient, Sources, Unclear } from './model.ts'
import { groupOrHost, inRole, isUncounted, isVariablePart, isYaml, joined } from './places.ts'
import type { Play } from './plays.ts'
import type { Reader } from './reader.ts'
import { child, digest, isNothing, isTable, itemsOf, meaning, type Node, pairsOf, textsIn } from './tree.ts'

/** A place that gives a variable a value. */
export interface Definition {
  readonly variable: string
  readonly nodes: readonly Node[]
  readonly ingredient: Omit<Ingredient, 'tags'>
}

export interface Variables {
  readonly byName: ReadonlyMap<string, readonly Definition[]>
  /** Files that are nothing but variables. */
  readonly files: ReadonlySet<string>
  readonly unclear: readonly Unclear[]
}

interface At {
  readonly of: keyof Sources
  readonly file: string
  /** Who they are for, in the name; and its hosts. */
  readonly owner?: string
  readonly hosts?: readonly string[]
}

/** Every definition of every variable in both folders, those in the playbooks aside: these count for everything anyway. */
export function readVariables(reader: Reader, inventory: Structure, plays: readonly Play[]): Variables {
  const collector = new Collector(reader, inventory)
  for (const folder of ['playbook', 'inventory'] as const) {
    for (const file of reader.paths(folder)) if (!isUncounted(file)) collector.file(folder, file)
  }
  for (const play of plays) collector.varsFiles(play)
  for (const { variable, node, file, at } of inventory.variables) {
    const hosts = at.kind === 'host' ? [at.name] : membersOf(inventory, at.name)
    collector.add(variable, [node], { of: 'inventory', file, owner: `${at.kind} ${at.name}`, ...(hosts && { hosts }) })
  }
  return collector
}

function membersOf({ groups }: Structure, name: string): readonly string[] | undefined {
  return name === 'all' ? undefined : (groups.get(name) ?? [])
}

class Collector implements Variables {
  readonly byName = new Map<string, Definition[]>()
  readonly files = new Set<string>()
  readonly unclear: Unclear[] = []
  private readonly reader: Reader
  private readonly inventory: Structure

  constructor(reader: Reader, inventory: Structure) {
    this.reader = reader
    this.inventory = inventory
  }

  file(of: keyof Sources, file: string): void {
    const place = groupOrHost(file)
    const role = of === 'playbook' ? inRole(file) : undefined
    if (place) {
      const hosts = place.kind === 'host' ? [place.name] : membersOf(this.inventory, place.name)
      this.whole({ of, file, ...(hosts && { hosts }) })
    } else if (role && isVariablePart(role.part) && isYaml(file)) this.whole({ of, file })
  }

  varsFiles({ file, node }: Play): void {
    for (const { scalar, isKey } of textsIn(child(node, 'vars_files'))) {
      if (isKey) continue
      const path = joined(file.split('/').slice(0, -1).join('/'), scalar.text)
      if (isTemplated(scalar.text) || path === undefined) {
        this.doubt('playbook', file, scalar.line, 'which variables are taken in is a template')
      } else if (this.reader.has('playbook', path) && !this.files.has(`playbook:${path}`)) {
        this.whole({ of: 'playbook', file: path })
      }
    }
  }

  private doubt(of: keyof Sources, file: string, line: number, what: string): void {
    this.unclear.push({ of, file, line, what })
  }

  private whole(at: At): void {
    const root = this.reader.yaml(at.of, at.file)
    if (root === undefined) return
    if (!isTable(root) && !isNothing(root)) {
      this.doubt(at.of, at.file, 1, 'variables without names, encrypted or of another kind')
      return
    }
    this.files.add(`${at.of}:${at.file}`)
    const values = Map.groupBy(pairsOf(root), ([name]) => name)
    for (const [name, pairs] of values)
      this.add(
        name,
        pairs.map(([, value]) => value),
        at,
      )
  }

  add(variable: string, nodes: readonly Node[], { of, file, owner, hosts }: At): void {
    const ingredient = {
      name: `${of}:${file}#${variable}${owner === undefined ? '' : ` (${owner})`}`,
      file,
      of,
      variable,
      hash: digest(nodes.map(meaning).join()),
      ...(hosts && { hosts }),
    }
    const known = this.byName.get(variable) ?? []
    known.push({ variable, nodes, ingredient })
    this.byName.set(variable, known)
  }
}

/** Names that tasks give to what they find out: they hold no longer than a run. */
export function namesMade(
  tasks: readonly { readonly node: Node; readonly module: string; readonly args: Node | undefined }[],
) {
  const names = new Set<string>()
  for (const { node, module, args } of tasks) {
    for (const item of itemsOf(child(node, 'register'))) if (item.kind === 'scalar') names.add(item.text)
    if (module !== 'set_fact') continue
    for (const [name] of pairsOf(args)) if (name !== 'cacheable') names.add(name)
    if (args?.kind === 'scalar') for (const [, name = ''] of args.text.matchAll(/(\w+)=/g)) names.add(name)
  }
  return names
}
