import type { Unclear } from './model.ts'
import { groupOrHost, isUncounted } from './places.ts'
import type { Reader } from './reader.ts'
import { digest, isNothing, isTable, meaning, type Node, pairsOf, textOf } from './tree.ts'

/** A variable that stands in the inventory itself. */
export interface InventoryVariable {
  readonly variable: string
  readonly file: string
  readonly node: Node
  readonly line: number
  readonly at: { readonly kind: 'group' | 'host'; readonly name: string }
}

export interface Structure {
  /** In the order in which they first stand there. */
  readonly hosts: readonly string[]
  /** Its members, those of its children too, in the order of the hosts; `all` and `ungrouped` are among them. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly variables: readonly InventoryVariable[]
  /** Digest of each file without those variables: which hosts and groups there are, and how hosts are reached. */
  readonly files: ReadonlyMap<string, string>
  readonly unclear: readonly Unclear[]
}

/** What Ansible's YAML plugin makes of the files of the inventory, those with variables aside. */
export function readInventory(reader: Reader): Structure {
  const builder = new Builder()
  const digests = new Map<string, string>()
  for (const file of reader.paths('inventory')) {
    if (isUncounted(file) || groupOrHost(file)) continue
    const root = /\.(ya?ml|json)$/.test(file) ? reader.yaml('inventory', file) : undefined
    if (isTable(root)) {
      builder.groups(file, root)
      digests.set(file, digest(skeleton(root)))
    } else {
      digests.set(file, reader.bytes('inventory', file))
      builder.unclear.push({ of: 'inventory', file, line: 1, what: 'an inventory that is not plain YAML' })
    }
  }
  return { ...builder.done(), files: digests }
}

class Builder {
  readonly unclear: Unclear[] = []
  private readonly hosts = new Set<string>()
  private readonly members = new Map<string, Set<string>>([['all', new Set()]])
  private readonly children = new Map<string, Set<string>>()
  private readonly variables: InventoryVariable[] = []

  groups(file: string, table: Node): void {
    for (const [name, group] of pairsOf(table)) this.group(file, name, group)
  }

  private group(file: string, name: string, group: Node): void {
    const members = this.members.get(name) ?? new Set<string>()
    this.members.set(name, members)
    for (const [section, content] of pairsOf(group)) {
      if (section === 'hosts') this.hostsOf(file, members, content)
      else if (section === 'vars') this.take(file, { kind: 'group', name }, content)
      else if (section === 'children') {
        const below = this.children.get(name) ?? new Set<string>()
        this.children.set(name, below)
        for (const [child] of pairsOf(content)) below.add(child)
        this.groups(file, content)
      }
    }
  }

  private hostsOf(file: string, members: Set<string>, content: Node): void {
    const single = textOf(content)
    const named = single === undefined || isNothing(content) ? pairsOf(content) : [[single, content] as const]
    for (const [host, variables] of named) {
      if (/[[\]:,\s]/.test(host)) {
        this.unclear.push({ of: 'inventory', file, line: variables.line, what: 'a range of hosts' })
      }
      this.hosts.add(host)
      members.add(host)
      this.take(file, { kind: 'host', name: host }, variables)
    }
  }

  private take(file: string, at: InventoryVariable['at'], content: Node): void {
    for (const [variable, node] of pairsOf(content)) {
      if (!variable.startsWith('ansible_')) this.variables.push({ variable, file, node, line: node.line, at })
    }
  }

  done(): Omit<Structure, 'files'> {
    const hosts = [...this.hosts]
    const whole = new Map(
      [...this.members].map(([name]) => {
        const within = this.all(name, new Set())
        return [name, name === 'all' ? hosts : hosts.filter((host) => within.has(host))]
      }),
    )
    const grouped = new Set([...whole].flatMap(([name, members]) => (/^(all|ungrouped)$/.test(name) ? [] : members)))
    whole.set(
      'ungrouped',
      hosts.filter((host) => !grouped.has(host)),
    )
    return { hosts, groups: whole, variables: this.variables, unclear: this.unclear }
  }

  private all(name: string, seen: Set<string>): Set<string> {
    const found = new Set(this.members.get(name))
    if (seen.has(name)) return found
    seen.add(name)
    for (const child of this.children.get(name) ?? []) for (const host of this.all(child, seen)) found.add(host)
    return found
  }
}

/** The groups with their hosts, children and ways to reach them, but no other variables. */
function skeleton(groups: Node): string {
  const parts = pairsOf(groups).map(([name, group]) => {
    const sections = pairsOf(group).map(([section, content]) => {
      if (section === 'children') return [section, skeleton(content)]
      if (section === 'vars') return [section, connection(content)]
      if (section !== 'hosts' || !isTable(content)) return [section, meaning(content)]
      return [section, pairsOf(content).map(([host, variables]) => [host, connection(variables)])]
    })
    return [name, sections]
  })
  return JSON.stringify(parts)
}

function connection(variables: Node): readonly (readonly string[])[] {
  const own = pairsOf(variables).filter(([name]) => name.startsWith('ansible_'))
  return own.map(([name, node]) => [name, meaning(node)])
}
