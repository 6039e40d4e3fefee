import { expect } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { CliProject, Running } from './cli.ts'
import { until } from './until.ts'

export function eventsOf(running: Running): readonly Event[] {
  const whole = running.stdout().split('\n').slice(0, -1)
  return whole.map((line): Event => JSON.parse(line))
}

/** How often the watch was idle. */
export function idles(running: Running): number {
  return eventsOf(running).filter((event) => event.type === 'watch-idle').length
}

/** Resolves when the watch is idle for the n-th time. */
export async function idle(running: Running, n: number): Promise<readonly Event[]> {
  await until(`idle number ${n}`, () => idles(running) >= n)
  return eventsOf(running)
}

/** Whether the last that it told is that it waits: then what ran is recorded. */
export function isIdle(running: Running): boolean {
  return eventsOf(running).at(-1)?.type === 'watch-idle'
}

/** A `lakitu watch` of these tasks that is idle for the first time. */
export async function watching(project: CliProject, ...args: readonly string[]): Promise<Running> {
  const running = project.start(['watch', ...args, '--output', 'ndjson'])
  await idle(running, 1)
  return running
}

/** What was told since the n-th time that it was idle. */
export function since(running: Running, n: number): readonly Event[] {
  const events = eventsOf(running)
  const idles = events.flatMap((event, at) => (event.type === 'watch-idle' ? [at] : []))
  return events.slice((idles[n - 1] ?? -1) + 1)
}

/** The tasks that ran, in order. */
export function ranIn(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'task-started' ? [event.task] : []))
}

export async function stop(running: Running): Promise<void> {
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(130)
}
