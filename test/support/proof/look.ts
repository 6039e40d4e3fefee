import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Playground, Told } from '../playground.ts'

const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'lakitu.js')

/** What `lakitu status --drift` said: `code` 0 where the whole playbook would change nothing on any host. */
export interface Looked {
  readonly code: number
  readonly text: string
  readonly ms: number
}

/** Asks the whole playbook, in check mode with diffs, on every host. */
export function drift({ root, options }: Playground): Promise<Looked> {
  const { LAKITU_INSIDE: _inside, NODE_OPTIONS: _options, ...rest } = process.env
  const begun = performance.now()
  return new Promise((resolve) => {
    const env = { ...rest, ...options.environment }
    execFile(process.execPath, [bin, 'status', '--drift'], { cwd: root, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      resolve({ code, text: stdout + stderr, ms: performance.now() - begun })
    })
  })
}

/** What apply did: `full`, `consul:config`, with hosts where they are not all; `nothing` to apply; `not run`. */
export function planIn({ events }: Pick<Told, 'events'>, hosts: readonly string[]): string {
  const lines = linesOf({ events }, 'apply')
  if (lines.length === 0) return 'not run'
  for (const line of lines) {
    if (line.startsWith('nothing to apply')) return 'nothing'
    const [, whole, tags = '', on = ''] =
      /^(?:(the whole playbook)|((?:[\w.-]+:[\w.:-]+(?:, )?)+)) on (.*)$/.exec(line) ?? []
    if (on === '') continue
    const some = hosts.filter((host) => new RegExp(`\\b${host}\\b`).test(on))
    return `${whole ? 'full' : tags}${some.length === hosts.length ? '' : ` on ${some.join(' ')}`}`
  }
  return 'not told'
}

/** The steps that changed something: `consul: Configuration`. */
export function changedIn({ events }: Pick<Told, 'events'>): readonly string[] {
  return linesOf({ events }, 'apply').flatMap((line) => /^(.*): changed on /.exec(line)?.[1] ?? [])
}

export function linesOf({ events }: Pick<Told, 'events'>, task: string): readonly string[] {
  return events.flatMap((e) => (e.type === 'task-log' && e.task === task ? [e.line] : []))
}
