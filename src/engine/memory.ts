import type { Node } from '../graph/graph.ts'
import type { Ending } from '../model/event.ts'
import type { Fingerprint } from '../model/facts.ts'
import type { History } from '../model/record.ts'
import type { TreePath } from '../util/paths.ts'
import { runsAlways } from './facts.ts'

type Failed = Extract<Ending, { readonly state: 'failed' }>

interface Failure {
  readonly fingerprint: Fingerprint
  readonly ending: Failed
  /** What it found to read by itself. */
  readonly read: ReadonlySet<TreePath>
}

/** What a watch knows from run to run, for as long as its process lives. Names, not nodes: these change with the config. */
export class Memory {
  private readonly failures = new Map<string, Failure>()
  /** Effects that are undone and were so when the person asked; undefined during the first run, which is that asking. */
  private undone: ReadonlySet<string> | undefined

  /** Whether nothing has run yet. */
  get isNew(): boolean {
    return this.undone === undefined
  }

  /** How a task ended that would only fail again, since nothing that it reads is different. */
  stillFailed({ name }: Node, now: Fingerprint): Pick<Failure, 'ending' | 'read'> | undefined {
    const failure = this.failures.get(name)
    if (failure?.fingerprint !== now) return undefined
    return { ending: { ...failure.ending, still: true }, read: failure.read }
  }

  /** Not what ran into an edit, nor what may have read anything: for these the same facts do not mean the same end. */
  ended(node: Node, facts: Fingerprint | undefined, ending: Ending, read: readonly TreePath[]): void {
    this.failures.delete(node.name)
    if (ending.state !== 'failed' || facts === undefined || runsAlways(node)) return
    if (node.depfile !== undefined || ending.error.code === 'E_INPUT_MOVED') return
    this.failures.set(node.name, { fingerprint: facts, ending, read: new Set(read) })
  }

  /** Of what a task found to read by itself no fact is kept when it fails: that one of it may have changed is enough. */
  woken(paths: readonly string[]): void {
    const changed = paths as readonly TreePath[]
    for (const [name, { read }] of this.failures) {
      if (changed.some((path) => read.has(path))) this.failures.delete(name)
    }
  }

  /** Whether somebody undid the effect since the watch was asked for it. */
  isLeftAlone({ name }: Node, { last }: History): boolean {
    return last === 'undone' && this.undone !== undefined && !this.undone.has(name)
  }

  /** At the end of a run, while nobody else can write. */
  ranAll(effects: readonly { readonly name: string; readonly history: History }[]): void {
    const now = effects.filter(({ history }) => history.last === 'undone').map(({ name }) => name)
    this.undone = new Set(now.filter((name) => this.undone?.has(name) ?? true))
  }
}
