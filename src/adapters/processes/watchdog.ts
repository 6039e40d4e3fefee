/**
 * A process of its own, in a session of its own. It learns of every program that lakitu starts, and when its standard
 * input ends without a farewell (lakitu was killed) it ends them all by the same ladder, with 2 s for each to stop.
 */
import { createInterface } from 'node:readline'
import { Family, type Member } from './family.ts'
import { climb, endLeftovers } from './ladder.ts'

/** A program to watch. Its `add` is answered by its pid on a line. */
export interface Watched {
  readonly leader: Member
  /** Lakitu's session. */
  readonly home: number
  readonly stopSignal: NodeJS.Signals
  readonly sweepMark: string | undefined
}

/** One line of its standard input, as JSON. */
export type WatchdogMessage =
  | { readonly type: 'add'; readonly watched: Watched }
  /** What came from it, seen when it was told to stop. */
  | { readonly type: 'seen'; readonly pid: number; readonly members: readonly Member[] }
  | { readonly type: 'remove'; readonly pid: number }
  | { readonly type: 'bye' }

const grace = 2000
const ladders = new Map<number, Watched & { readonly family: Family }>()

async function main(): Promise<void> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  for await (const line of createInterface({ input: process.stdin })) {
    const message: WatchdogMessage = JSON.parse(line)
    if (message.type === 'bye') return
    take(message)
  }
  await Promise.all([...ladders.values()].map(end))
}

function take(message: Exclude<WatchdogMessage, { type: 'bye' }>): void {
  switch (message.type) {
    case 'add': {
      const { watched } = message
      ladders.set(watched.leader.pid, { ...watched, family: new Family(watched.leader, watched.home) })
      process.stdout.write(`${watched.leader.pid}\n`)
      return
    }
    case 'seen':
      ladders.get(message.pid)?.family.remember(message.members)
      return
    case 'remove':
      ladders.delete(message.pid)
  }
}

async function end({ sweepMark, ...rest }: Watched & { readonly family: Family }): Promise<void> {
  const deadline = performance.now() + grace
  await climb({ ...rest, sweepMark }, () => deadline)
  await endLeftovers({ ...rest, sweepMark })
}

process.stdout.on('error', () => {})
await main()
process.exit(0)
