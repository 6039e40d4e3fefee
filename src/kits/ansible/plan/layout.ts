import type { AnsibleProject } from '../environment.ts'
import { layoutOf } from '../environment.ts'
import type { Index } from '../playbook/model.ts'
import { readSources, type Seen } from './sources.ts'
import type { Folders } from './words.ts'

/** The two folders that are read for a plan. */
export function foldersOf(project: AnsibleProject): Folders {
  const { folder, inventory } = layoutOf(project)
  return { playbook: folder, inventory }
}

export function identitiesOf({
  machines,
}: {
  readonly machines: Readonly<Record<string, { readonly identity: string }>>
}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(machines).map(([host, { identity }]) => [host, identity]))
}

/** The parser comes with it, so not before it is needed. */
export async function indexed(root: string, folders: Folders): Promise<{ readonly seen: Seen; readonly index: Index }> {
  const seen = await readSources(root, folders)
  const { indexOf } = await import('../playbook/index-of.ts')
  return { seen, index: indexOf(seen.sources, { names: folders, modes: seen.modes }) }
}
