import { Ledger, type Notes } from '../../../src/kits/ansible/plan/ledger.ts'
import { on, reach, without } from '../../../src/kits/ansible/plan/narrow.ts'
import { type Because, type Plan, planOf } from '../../../src/kits/ansible/plan/plan.ts'
import type { Touched } from '../../../src/kits/ansible/plan/sources.ts'
import { indexOf } from '../../../src/kits/ansible/playbook/index-of.ts'
import type { Index } from '../../../src/kits/ansible/playbook/model.ts'
import type { Random } from '../../support/random.ts'
import { Violation } from '../violation.ts'
import { CutOff, run, type Wanted, type World } from './ansible.ts'
import type { Edited } from './edit.ts'
import { edits, kinds } from './edits.ts'
import { generate } from './generate.ts'
import { tooWide } from './small.ts'
import { allHosts, type Tree } from './tree.ts'
import { copyOf, difference } from './worlds.ts'

/** How many plans there were of a kind, by the edit before them: `comment: nothing`. */
export type Counts = Map<string, number>

/** What happens to a run on its way. */
interface Mishaps {
  /** It is cut off after so many tasks on hosts. */
  readonly cut?: number
  /** The tree as the run happens to read it, while somebody edits it into the next one. */
  readonly read?: Tree
  /** Hosts that do not answer before it, and that stop answering in it. */
  readonly absent?: readonly string[]
  readonly lost?: readonly string[]
}

/**
 * One tree and what happens to it, through the real index, planner and Ledger. Holds them to three things: a run of what is planned leaves
 * the hosts as the whole playbook would have left them (safe); after it nothing is planned (idempotent); plain edits have small plans (small).
 */
export class Story {
  private tree: Tree
  private readonly random: Random
  private readonly counts: Counts
  private readonly world: World = new Map()
  private readonly notes: Record<string, unknown> = {}
  private readonly told: string[] = []
  private readonly earlier: Tree[] = []
  /** Edits since nobody was owed anything. */
  private open: (readonly [kind: string, edited: Edited])[] = []

  constructor(random: Random, counts: Counts) {
    this.random = random
    this.counts = counts
    this.tree = firstTree(random)
  }

  async play(steps: number): Promise<void> {
    await this.apply()
    for (let i = 0; i < steps; i += 1) {
      const { random } = this
      this.edit()
      if (random.chance(0.3)) await this.applyAndCut()
      if (random.chance(0.15)) this.edit()
      if (random.chance(0.2)) await this.applyWhileEdited()
      if (random.chance(0.15)) this.revert()
      if (random.chance(0.15)) await this.apply({ absent: this.someHosts() })
      if (random.chance(0.15)) await this.apply({ lost: this.someHosts() })
      await this.apply()
      const again = this.plan()
      if (again.kind !== 'nothing') throw this.violation(`planned after a good end: ${said(again)}`)
      this.open = []
    }
  }

  private get index(): Index {
    return indexed(this.tree)
  }

  private someHosts(): readonly string[] {
    return allHosts(this.tree).filter(() => this.random.chance(0.4))
  }

  private edit(): void {
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const kind = this.random.pick(kinds)
      const edited = edits[kind]?.(this.tree, this.random)
      if (!edited || !comesToRest(edited.tree)) continue
      this.become(kind, edited)
      return
    }
  }

  private revert(): void {
    const tree = this.random.chance(0.7) ? this.earlier.at(-1) : this.earlier[0]
    if (tree) this.become('revert', { tree, path: '' })
  }

  private become(kind: string, edited: Edited): void {
    const gone = [...this.tree.keys()].filter((path) => !edited.tree.has(path)).map((path) => `without ${path}`)
    const now = changedFiles(this.tree, edited.tree).flatMap((path) => [path, edited.tree.get(path) ?? ''])
    this.told.push([`EDIT ${kind}`, ...gone, ...now].join('\n'))
    this.earlier.push(this.tree)
    this.tree = edited.tree
    this.open.push([kind, edited])
  }

  /** Often somebody takes back what was just cut off. */
  private async applyAndCut(): Promise<void> {
    await this.apply({ cut: 1 + this.random.int(12) })
    if (this.random.chance(0.5)) this.revert()
  }

  /** Each file is read before its edit or after it. What the run does is not judged, but the next one's plan. */
  private async applyWhileEdited(): Promise<void> {
    const before = this.tree
    const back = this.random.chance(0.5)
    this.edit()
    const changed = changedFiles(before, this.tree)
    const after = this.tree
    if (changed.length === 0) return
    const files = new Map(before)
    for (const path of changed.filter(() => this.random.chance(0.6))) {
      const text = after.get(path)
      if (text === undefined) files.delete(path)
      else files.set(path, text)
    }
    this.told.push(`MEANWHILE the run read the new ${changed.filter((path) => files.get(path) === after.get(path))}`)
    this.tree = before
    await this.apply({ read: files }, touchedBetween(before, after))
    this.tree = after
    if (back) this.become('undone', { tree: before, path: '' })
  }

  private machines(): Record<string, string> {
    return Object.fromEntries(allHosts(this.tree).map((host) => [host, `machine of ${host}`]))
  }

  private ledger(): Ledger {
    const ctx: Notes = {
      previous: { outcome: 'done', notes: { ...this.notes } },
      note: async (key, value) => {
        if (value === null) delete this.notes[key]
        else this.notes[key] = structuredClone(value)
      },
    }
    return new Ledger(ctx, this.machines())
  }

  private plan(absent: readonly string[] = []): Plan {
    return planOf({ index: this.index, applied: this.ledger().applied, machines: this.machines(), absent })
  }

  /** As the kit does it: owed before the run, settled after a good end. */
  private async apply(
    { cut, read, absent = [], lost = [] }: Mishaps = {},
    touched = touchedBetween(this.tree, this.tree),
  ): Promise<void> {
    const ledger = this.ledger()
    await ledger.forgetOthers(this.index)
    const all = this.plan(absent)
    this.told.push(
      `PLAN ${said(all)}${absent.length > 0 ? `, absent ${absent}` : ''}${lost.length > 0 ? `, lost ${lost}` : ''}`,
    )
    if (absent.length === 0) this.count(all)
    const isUndisturbed = cut === undefined && read === undefined
    if (all.kind === 'nothing')
      return isUndisturbed && absent.length === 0 ? this.compare(copyOf(this.world)) : undefined
    if (absent.length > 0 && this.index.needsAllHosts.length > 0) return
    const reached = { ...all, dues: reach(all, this.index) }
    await ledger.owe(on(reached.dues, lost), 'was due while the host was down')
    const plan = without(reached, lost)
    if (lost.length > 0 && (plan.dues.length === 0 || this.index.needsAllHosts.length > 0)) return
    await ledger.owe(plan.dues, 'was begun and did not end')
    const before = copyOf(this.world)
    const error = failure(read ?? this.tree, this.world, wanted(plan, cut))
    if (error instanceof CutOff) this.told.push('CUT OFF')
    else if (error !== undefined && !read) throw this.violation(`the part fails: ${String(error)}`)
    if (error !== undefined) return
    await ledger.settle(plan.dues, this.index, touched)
    if (isUndisturbed && absent.length + lost.length === 0) this.compare(before)
  }

  private count(plan: Plan): void {
    const [only, ...others] = this.open
    if (!only || others.length > 0 || this.told.at(-2)?.startsWith('EDIT') !== true) return
    const what = `${only[0]}: ${plan.kind}${plan.limited ? ', limited' : ''}`
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
    const wide = tooWide(only[0], only[1], plan)
    if (wide !== undefined) throw this.violation(`too wide: ${wide}`)
  }

  /** With what the whole playbook makes of the same hosts. */
  private compare(full: World): void {
    run(this.tree, full)
    const differs = difference(this.world, full)
    if (differs !== '') throw this.violation(`not what the whole playbook does\n${differs}`)
  }

  private violation(what: string): Violation {
    const tree = [...this.tree].map(([path, text]) => `--- ${path}\n${text}`).join('')
    return new Violation(`${what}\n${this.told.slice(-6).join('\n')}\n${tree}`)
  }
}

function firstTree(random: Random): Tree {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const tree = generate(random)
    if (comesToRest(tree)) return tree
  }
  throw new Error('20 random trees, and none comes to rest')
}

/** It runs, and a second run changes nothing: of others nobody can say what the hosts should hold. */
function comesToRest(tree: Tree): boolean {
  const world: World = new Map()
  return failure(tree, world) === undefined && run(tree, world) === 0
}

function failure(tree: Tree, world: World, how: Wanted = {}): unknown {
  try {
    run(tree, world, how)
    return undefined
  } catch (error) {
    return error
  }
}

const known = new WeakMap<Tree, Index>()

function indexed(tree: Tree): Index {
  const before = known.get(tree)
  if (before) return before
  const part = (folder: string) =>
    new Map(
      [...tree].flatMap(([path, text]) =>
        path.startsWith(folder) ? [[path.slice(folder.length), Buffer.from(text)] as const] : [],
      ),
    )
  const index = indexOf({ playbook: part('playbook/'), inventory: part('inventory/') })
  known.set(tree, index)
  return index
}

function changedFiles(before: Tree, after: Tree): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()])
  return [...paths].filter((path) => before.get(path) !== after.get(path))
}

/** As `touchedSince` tells it. */
function touchedBetween(before: Tree, after: Tree): Touched {
  const changed = changedFiles(before, after)
  const moved = changed.filter((path) => !before.has(path) || !after.has(path))
  const ofRole = (path: string) => /^playbook\/roles\/(\w+)\/(?:templates|files|tasks|handlers)\//.exec(path)?.[1]
  return {
    files: new Set(changed.map((path) => path.replace('/', ':'))),
    roles: new Set(moved.flatMap((path) => ofRole(path) ?? [])),
    anywhere: moved.some((path) => ofRole(path) === undefined),
  }
}

function wanted({ kind, tags, hosts, limited }: Plan, cut: number | undefined): Wanted {
  return {
    ...(kind === 'part' ? { tags } : {}),
    ...(limited ? { limit: hosts } : {}),
    ...(cut === undefined ? {} : { steps: cut }),
  }
}

function said({ kind, tags, hosts, dues }: Plan): string {
  const why = dues.map(({ host, because }) => `${host}: ${because.map(reason).join(', ')}`)
  return [`${kind} ${tags} on ${hosts}`, ...why].join('\n  ')
}

function reason(because: Because): string {
  if (because.kind === 'edit') return `${because.ingredient.name} for ${because.role}`
  return Object.values(because).join(' ')
}
