import { relative, sep } from 'node:path'
import type { LastKnown } from 'lakitu'
import type { Index, Ingredient, Sources } from '../playbook/model.ts'
import { type Applied, appliedIn, sharedIn, usedBy } from './applied.ts'
import { foldersOf, identitiesOf, indexed } from './layout.ts'
import type { ApplyOptions } from './options.ts'
import { type Because, type Plan, planOf } from './plan.ts'
import { type Folders, planText, reasonLines } from './words.ts'

export interface ExplainContext {
  readonly root: string
  readonly recorded: Pick<LastKnown, 'outcome' | 'notes'>
  /** Relative to the root. */
  readonly file?: string
}

type Options = Omit<ApplyOptions, 'agents' | 'connections' | 'planned' | 'unhealthy'>

/** What `apply` would run now, or, of a file, what an edit runs: the one that was made, else one that is thought of. A line each. */
export async function explain(context: ExplainContext, options: Options): Promise<readonly string[]> {
  const folders = foldersOf(options)
  const { index, seen } = await indexed(context.root, folders)
  const machines = identitiesOf(options)
  const { outcome, notes } = context.recorded
  const applied = outcome === 'undone' ? new Map<string, Applied>() : appliedIn(notes)
  const plan = planOf({ index, applied, machines })
  const { file } = context
  if (file === undefined) return [...reasonLines(plan, folders), planText(plan)]
  const place = placeIn(file, folders)
  if (!place) return []
  const made = reasonLines(onlyOf(plan, place), folders)
  if (made.length > 0) return made
  const { indexOf } = await import('../playbook/index-of.ts')
  const edited = edit(indexOf(withFile(seen.sources, place), { names: folders, modes: seen.modes }), place)
  const thought = planOf({ index: edited, applied: asApplied(index, machines), machines })
  return reasonLines(onlyOf(thought, place), folders)
}

interface Place {
  readonly of: keyof Sources
  readonly file: string
}

function placeIn(path: string, folders: Folders): Place | undefined {
  for (const folder of ['playbook', 'inventory'] as const) {
    const file = relative(folders[folder], path).split(sep).join('/')
    if (file !== '' && !file.startsWith('../')) return { of: folder, file }
  }
  return undefined
}

/** What a file of that name would be to the playbook, where there is none yet. */
function withFile(sources: Sources, { of, file }: Place): Sources {
  if (sources[of].has(file)) return sources
  return { ...sources, [of]: new Map([...sources[of], [file, Buffer.of()]]) }
}

function edit(index: Index, place: Place): Index {
  const change = (ingredient: Ingredient) => (isOf(ingredient, place) ? { ...ingredient, hash: 'edited' } : ingredient)
  const roles = index.roles.map((role) => ({ ...role, ingredients: role.ingredients.map(change) }))
  return { ...index, roles, shared: index.shared.map(change) }
}

/** As if all of it had just been applied. */
function asApplied(index: Index, machines: Readonly<Record<string, string>>): ReadonlyMap<string, Applied> {
  return new Map(
    index.hosts.map((host): [string, Applied] => {
      const own = index.roles.filter(({ hosts }) => hosts.includes(host))
      const roles = Object.fromEntries(own.map((role) => [role.name, usedBy(role, host)]))
      return [host, { machine: machines[host] ?? '', shared: sharedIn(index, host), roles, owed: {} }]
    }),
  )
}

function onlyOf(plan: Plan, place: Place): Plan {
  const dues = plan.dues.map((due) => ({ ...due, because: due.because.filter((because) => speaksOf(because, place)) }))
  return { ...plan, dues: dues.filter(({ because }) => because.length > 0) }
}

function speaksOf(because: Because, place: Place): boolean {
  if (because.kind === 'edit') return isOf(because.ingredient, place)
  return 'name' in because && because.name.split('#')[0] === `${place.of}:${place.file}`
}

function isOf({ of, file }: Ingredient, place: Place): boolean {
  return of === place.of && file === place.file
}
