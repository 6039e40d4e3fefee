/**
 * A process of its own, in a session of its own. It learns of every program that lakitu starts, and when its standard
 * input ends without a farewell (lakitu was killed) it ends them all: first as each wants to be asked, 2 s later by force.
 */
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { killClosure, signal } from './kill.ts'
import { closureOf, type Leader, processTable } from './process-table.ts'

/** One line of its standard input, as JSON. Each `add` is answered by its pid on a line. */
export type WatchdogMessage =
  | { readonly type: 'add'; readonly leader: Leader; readonly stopSignal: NodeJS.Signals; readonly sweepMark?: string }
  | { readonly type: 'remove'; readonly pid: number }
  | { readonly type: 'bye' }

const grace = 2000
const watched = new Map<number, Extract<WatchdogMessage, { type: 'add' }>>()

async function main(): Promise<void> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  for await (const line of createInterface({ input: process.stdin })) {
    const message: WatchdogMessage = JSON.parse(line)
    if (message.type === 'bye') return
    if (message.type === 'remove') watched.delete(message.pid)
    else {
      watched.set(message.leader.pid, message)
      process.stdout.write(`${message.leader.pid}\n`)
    }
  }
  await endAll()
}

async function endAll(): Promise<void> {
  const all = [...watched.values()]
  for (const { leader, stopSignal } of all) {
    if (isAlive(leader)) signal(-leader.pid, stopSignal)
  }
  const deadline = performance.now() + grace
  while (performance.now() < deadline && all.some(({ leader }) => isAlive(leader))) await wait(50)
  for (const { leader, sweepMark } of all) killClosure(leader, sweepMark)
}

function isAlive(leader: Leader): boolean {
  return closureOf(leader, processTable()).length > 0
}

process.stdout.on('error', () => {})
await main()
process.exit(0)
