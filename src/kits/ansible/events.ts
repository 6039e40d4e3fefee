import { at, isRecord, text, textList } from '../consul/json.ts'

/** One line of the callback plugin `ansible/callback_plugins/lakitu.py`; its DOCUMENTATION tells the fields. */
export type AnsibleEvent =
  | { readonly event: 'play'; readonly name: string; readonly hosts: readonly string[] }
  | ({ readonly event: 'task'; readonly task: string } & TaskLine)
  | { readonly event: 'ok'; readonly task: string; readonly host: string; readonly changed: boolean }
  | ({ readonly event: 'failed'; readonly ignored: boolean } & Failure)
  | ({ readonly event: 'unreachable' } & Failure)
  | ({ readonly event: 'diff' } & Diff)
  | { readonly event: 'retry'; readonly task: string; readonly host: string }
  | { readonly event: 'stats'; readonly hosts: Readonly<Record<string, HostStats>> }
  | { readonly event: 'other' }

export interface TaskLine {
  readonly name: string
  /** Empty where the task belongs to no role. */
  readonly role: string
  /** `file:line`, relative to the project's root where it lies in there. */
  readonly path: string
}

export interface Failure {
  readonly task: string
  readonly host: string
  readonly msg: string
  /** The ends of what the task printed. */
  readonly stdout: string
  readonly stderr: string
  /** An agent was started with what was applied and did not become healthy; `stdout` has the end of its log. */
  readonly unhealthy: boolean
}

/** What changed in a file, or would. */
export interface Diff {
  readonly task: string
  readonly host: string
  readonly text: string
}

export interface HostStats {
  readonly ok: number
  readonly changed: number
  readonly failures: number
  readonly unreachable: number
}

/** Reads a line. What is not understood is `other`: a newer plugin must not break the run. */
export function parseEvent(line: string): AnsibleEvent {
  const found = parse(line)
  const kind = text(at(found, 'event'))
  const task = text(at(found, 'task'))
  const host = text(at(found, 'host'))
  switch (kind) {
    case 'play':
      return { event: kind, name: text(at(found, 'name')), hosts: textList(at(found, 'hosts')) }
    case 'task':
      return {
        event: kind,
        task,
        name: text(at(found, 'name')),
        role: text(at(found, 'role')),
        path: text(at(found, 'path')),
      }
    case 'ok':
      return { event: kind, task, host, changed: at(found, 'changed') === true }
    case 'failed':
      return { event: kind, ...failure(found, task, host), ignored: at(found, 'ignored') === true }
    case 'unreachable':
      return { event: kind, ...failure(found, task, host) }
    case 'diff':
      return { event: kind, task, host, text: text(at(found, 'text')).trimEnd() }
    case 'retry':
      return { event: kind, task, host }
    case 'stats':
      return { event: kind, hosts: stats(at(found, 'hosts')) }
    default:
      return { event: 'other' }
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function failure(found: unknown, task: string, host: string): Failure {
  const [msg, stdout, stderr] = ['msg', 'stdout', 'stderr'].map((name) => text(at(found, name)).trim())
  const unhealthy = at(found, 'unhealthy') === true
  return { task, host, msg: msg ?? '', stdout: stdout ?? '', stderr: stderr ?? '', unhealthy }
}

function stats(hosts: unknown): Readonly<Record<string, HostStats>> {
  if (!isRecord(hosts)) return {}
  const number = (counts: unknown, name: string) => Number(at(counts, name) ?? 0)
  return Object.fromEntries(
    Object.entries(hosts).map(([host, counts]): [string, HostStats] => [
      host,
      {
        ok: number(counts, 'ok'),
        changed: number(counts, 'changed'),
        failures: number(counts, 'failures'),
        unreachable: number(counts, 'unreachable'),
      },
    ]),
  )
}
