import { count, listing, type Progress } from 'lakitu'
import { type AnsibleEvent, type Diff, type Failure, type HostStats, parseEvent, type TaskLine } from './events.ts'

export interface Failed extends Failure {
  readonly kind: 'failed' | 'unreachable'
  readonly line: TaskLine
}

/** A task that changed something on a host, or would; with the diffs that it told. */
export interface Changed {
  readonly host: string
  readonly line: TaskLine
  readonly diffs: readonly string[]
}

/** What a run of Ansible told, once it is over. */
export interface Told {
  readonly failures: readonly Failed[]
  readonly changes: readonly Changed[]
  readonly stats: Readonly<Record<string, HostStats>>
}

export interface Voice {
  log(text: string): void
  progress(progress: Progress | string): void
}

const unknownTask: TaskLine = { name: 'a task', role: '', path: '' }

/** Turns events into progress and log lines, one line a task, and keeps what the end needs. */
export class Follower {
  readonly #voice: Voice
  readonly #tasks = new Map<string, TaskLine>()
  readonly #failures: Failed[] = []
  readonly #changes: Changed[] = []
  readonly #diffs: Diff[] = []
  #stats: Readonly<Record<string, HostStats>> = {}
  #current = ''
  #done: string[] = []
  #changed: string[] = []

  constructor(voice: Voice) {
    this.#voice = voice
  }

  readonly take = (line: string): void => {
    this.#on(parseEvent(line))
  }

  told(): Told {
    this.#endTask()
    return { failures: this.#failures, changes: this.#changes, stats: this.#stats }
  }

  #on(event: AnsibleEvent): void {
    switch (event.event) {
      case 'task':
        this.#endTask()
        this.#current = event.task
        this.#tasks.set(event.task, event)
        this.#voice.progress(title(event))
        return
      case 'ok':
        this.#done.push(event.host)
        if (event.changed) this.#change(event)
        return
      case 'diff':
        this.#diffs.push(event)
        return
      case 'failed':
        if (!event.ignored) this.#fail('failed', event)
        return
      case 'unreachable':
        this.#fail('unreachable', event)
        return
      case 'retry':
        this.#voice.progress(`${title(this.#line(event.task))}: again on ${event.host}`)
        return
      case 'stats':
        this.#stats = event.hosts
        return
      case 'play':
      case 'other':
    }
  }

  #line(task: string): TaskLine {
    return this.#tasks.get(task) ?? unknownTask
  }

  #change({ task, host }: { readonly task: string; readonly host: string }): void {
    this.#changed.push(host)
    const diffs = this.#diffs.filter((diff) => diff.task === task && diff.host === host)
    this.#changes.push({ host, line: this.#line(task), diffs: diffs.map(({ text }) => text) })
  }

  #fail(kind: Failed['kind'], failure: Failure): void {
    const line = this.#line(failure.task)
    this.#failures.push({ ...failure, kind, line })
    this.#voice.log(`${title(line)}: ${kind} on ${failure.host}: ${failure.msg}`)
    for (const text of [failure.stderr, failure.stdout]) {
      for (const row of text ? text.split('\n') : []) this.#voice.log(`  ${row}`)
    }
  }

  #endTask(): void {
    if (this.#done.length > 0) {
      const what = this.#changed.length > 0 ? `changed on ${listing(this.#changed.sort())}` : 'ok'
      this.#voice.log(`${title(this.#line(this.#current))}: ${what}`)
    }
    this.#done = []
    this.#changed = []
  }
}

export function title({ role, name }: TaskLine): string {
  return role ? `${role}: ${name}` : name
}

/** `lakitu: 17 changed, spiney1: nothing changed`. */
export function summary(stats: Told['stats']): string {
  return Object.entries(stats)
    .map(([host, { changed }]) => `${host}: ${changed === 0 ? 'nothing' : count(changed, 'step')} changed`)
    .join(', ')
}
