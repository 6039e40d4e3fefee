import type { Structure } from './inventory.ts'
import { itemsOf, type Node, textOf } from './tree.ts'

/** The hosts that a play's `hosts:` stands for, in the inventory's order; all of them where it is not understood. */
export function hostsOfPattern(node: Node | undefined, inventory: Structure): readonly string[] {
  const parts = partsOf(node)
  const chosen = new Set<string>()
  const needed: ReadonlySet<string>[] = []
  const dropped: ReadonlySet<string>[] = []
  for (const part of parts) {
    const [, sign, name] = /^([!&]?)(.*)$/s.exec(part ?? '') ?? []
    const found = name === undefined || name === '' ? undefined : match(name, inventory)
    // A group may be made while the playbook runs. What is taken away only widens when it is left in.
    if (found === undefined && sign === '!') continue
    if (found === undefined) return inventory.hosts
    if (sign === '!') dropped.push(found)
    else if (sign === '&') needed.push(found)
    else for (const host of found) chosen.add(host)
  }
  // Only & and !: Ansible starts from all of them.
  const start = parts.every((part) => /^[!&]/.test(part ?? '')) ? new Set(inventory.hosts) : chosen
  return inventory.hosts.filter((host) => {
    return start.has(host) && needed.every((set) => set.has(host)) && !dropped.some((set) => set.has(host))
  })
}

/** Whether it may mean hosts that the inventory does not name: localhost, or groups that are made while it runs. */
export function namesOthers(node: Node | undefined, inventory: Structure): boolean {
  return partsOf(node).some((part) => {
    const name = part?.replace(/^[!&]/, '') ?? ''
    return !part?.startsWith('!') && (name === '' || match(name, inventory) === undefined)
  })
}

function partsOf(node: Node | undefined): readonly (string | undefined)[] {
  const words = itemsOf(node).map(textOf)
  return words.flatMap((word): readonly (string | undefined)[] => (word === undefined ? [undefined] : split(word)))
}

function split(pattern: string): readonly string[] {
  const mark = pattern.includes(',') ? ',' : ':'
  return pattern
    .split(mark)
    .map((part) => part.trim())
    .filter(Boolean)
}

function match(name: string, { hosts, groups }: Structure): ReadonlySet<string> | undefined {
  const group = groups.get(name)
  if (group) return new Set(group)
  if (hosts.includes(name)) return new Set([name])
  if (!/^[\w.*?-]+$/.test(name) || !/[*?]/.test(name)) return undefined
  const pattern = new RegExp(`^${name.replace(/[.-]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
  const within = [...groups].filter(([key]) => pattern.test(key)).flatMap(([, members]) => members)
  return new Set([...within, ...hosts.filter((host) => pattern.test(host))])
}
