import { fingerprintOf } from '../fingerprint/leaves.ts'
import type { Node } from '../graph/graph.ts'
import type { Ending } from '../model/event.ts'
import type { Facts, Fingerprint } from '../model/facts.ts'
import type { History } from '../model/record.ts'
import type { TreePath } from '../util/paths.ts'
import { runsAlways } from './facts.ts'
import type { Settlements } from './settled.ts'

type Failed = Extract<Ending, { readonly state: 'failed' }>

/** Name → what stood in the question. */
type Shown = Map<string, Fingerprint>

interface Failure {
  /** What decides whether it would fail again. */
  readonly decided: Fingerprint
  readonly ending: Failed
  /** What it found to read by itself. */
  readonly read: ReadonlySet<TreePath>
}

/** What is known of a run that failed. */
interface Tried {
  readonly facts?: Facts | undefined
  readonly read?: readonly TreePath[]
}

const suspicious = 10

/** What a watch knows from run to run, for as long as its process lives. Names, not nodes: these change with the config. */
export class Memory {
  private readonly failures = new Map<string, Failure>()
  /** Effects that are undone and were so when the person asked; undefined during the first run, which is that asking. */
  private undone: ReadonlySet<string> | undefined

  /** How often in a row something moved while they ran. */
  private readonly moves = new Map<string, number>()
  /** What was shown of those that wait for an answer: in this run or the last one, and while one is on in the one before. */
  private questions: Shown = new Map()
  private shown: Shown = new Map()
  /** What was said yes to: for this run, and for the next one. */
  private answers: Shown = new Map()
  private given: Shown = new Map()
  /** Whether there is a keyboard to answer with. */
  readonly hasKeys: boolean

  constructor(hasKeys = false) {
    this.hasKeys = hasKeys
  }

  /** Whether nothing has run yet. */
  get isNew(): boolean {
    return this.undone === undefined
  }

  hasFailed({ name }: Node): boolean {
    return this.failures.has(name)
  }

  /** What failed is tried again, whatever its facts are. */
  retry(): void {
    this.failures.clear()
  }

  /** How a task ended that would only fail again, since nothing that it reads is different. */
  stillFailed(node: Node, now: Facts, settled: Settlements): Pick<Failure, 'ending' | 'read'> | undefined {
    const failure = this.failures.get(node.name)
    if (failure?.decided !== decidedBy(node, now, settled)) return undefined
    return { ending: { ...failure.ending, still: true }, read: failure.read }
  }

  /** Not what ran into an edit, nor what may have read anything: for these the same facts do not mean the same end. */
  ended(node: Node, ending: Ending, settled: Settlements, { facts, read = [] }: Tried = {}): void {
    this.failures.delete(node.name)
    if (ending.state === 'done') this.moves.delete(node.name)
    if (ending.state !== 'failed' || facts === undefined || hasNothing(node)) return
    if (node.depfile !== undefined || ending.error.code === 'E_INPUT_MOVED') return
    this.failures.set(node.name, { decided: decidedBy(node, facts, settled), ending, read: new Set(read) })
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

  /** A run begins. An answer holds for one run. */
  begin(): void {
    this.shown = this.questions
    this.questions = new Map()
    this.answers = this.given
    this.given = new Map()
  }

  /** Notes what is shown of a task that waits for an answer; whether just that was shown before. */
  asked({ name }: Node, shown: Fingerprint): boolean {
    const before = this.questions.get(name) ?? this.shown.get(name)
    this.questions.set(name, shown)
    return before === shown
  }

  /** Yes to all that is shown now, and to nothing else. */
  answer(): void {
    this.given = new Map([...this.shown, ...this.questions])
  }

  /** Notes that something moved while it ran; `suspicious`: so often in a row that it seems to do that itself, `for once`: just now. */
  moved({ name }: Node): 'once more' | 'suspicious for once' | 'suspicious' {
    const times = (this.moves.get(name) ?? 0) + 1
    this.moves.set(name, times)
    return times < suspicious ? 'once more' : times === suspicious ? 'suspicious for once' : 'suspicious'
  }

  /** Whether it waits for an answer. */
  isAsked({ name }: Node): boolean {
    return this.questions.has(name)
  }

  isAnswered({ name }: Node, shown: Fingerprint): boolean {
    return this.answers.get(name) === shown
  }

  /** At the end of a run, while nobody else can write, with all that is known. */
  ranAll(known: readonly { readonly task: string; readonly history: History }[]): void {
    const now = known.filter(({ history }) => history.last === 'undone').map(({ task }) => task)
    this.shown = new Map()
    this.undone = new Set(now.filter((name) => this.undone?.has(name) ?? true))
  }
}

/** Nothing that could be different: it is as good as unknown whether it would fail again. */
function hasNothing(node: Node): boolean {
  return runsAlways(node) && node.inputs.length === 0 && node.requires.length === 0
}

/**
 * The facts with which a task fails, and its patience. What runs every time looks at more than its facts, so that for it a
 * need that ran counts too.
 */
function decidedBy(node: Node, facts: Facts, settled: Settlements): Fingerprint {
  const { timeout = null, retries } = node.definition
  const runs = runsAlways(node) ? node.requires.map((need) => settled.get(need)?.run ?? '') : []
  return fingerprintOf({ facts, timeout, retries, runs })
}
