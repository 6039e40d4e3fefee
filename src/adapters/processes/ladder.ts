import { setTimeout as wait } from 'node:timers/promises'
import type { Family } from './family.ts'
import { realHands, signalAll, signalGroup } from './kill.ts'
import { markedProcesses, type ProcessRow } from './process-table.ts'

/** How often the table of processes is read while a program has time to stop, in ms. */
const lookEvery = 100
/** How long what a program left behind gets to end after SIGTERM, in ms. */
const leftoverGrace = 1000
/** How long everybody is being stopped, as long as there are new ones, in ms. */
const stoppingTime = 1000
/** How long one that was killed by way of sudo may still be seen, in ms. */
const dyingTime = 500

/** A program that is to end, and all that came from it. */
export interface Ladder {
  readonly family: Family
  readonly stopSignal: NodeJS.Signals
  /** Text in the environment of what is swept up as well. */
  readonly sweepMark: string | undefined
}

/**
 * The one way in which programs are ended: the stop signal to the program's group; when its time (of `performance.now`) is
 * over, all that came from it is killed. Resolves when the program is gone, or cannot be ended by this user.
 */
export async function climb(
  ladder: Ladder,
  deadline: () => number,
  onLook: () => void = () => {},
): Promise<'ended' | 'out of reach'> {
  const { family } = ladder
  ask(ladder)
  onLook()
  while (isThere(family)) {
    const rest = deadline() - performance.now()
    if (rest <= 0) return force(ladder)
    await wait(Math.min(lookEvery, rest))
    onLook()
  }
  return 'ended'
}

/** Who is in the family is looked at before the signal: afterwards those between may be gone. */
function ask({ family, stopSignal }: Ladder): void {
  const members = family.look()
  const { pid } = family.leader
  const inGroup = members.filter((row) => row.group === pid).map((row) => row.pid)
  const leader = members.find((row) => row.pid === pid)
  // One that was lent the terminal is in lakitu's own group, which is not to be signalled.
  if (leader && leader.group !== pid) signalAll(pidsOf(members), stopSignal)
  else signalGroup(pid, inGroup, stopSignal)
}

async function force(ladder: Ladder): Promise<'ended' | 'out of reach'> {
  await killAll(ladder)
  const deadline = performance.now() + dyingTime
  while (outOfReach(ladder.family).length > 0) {
    if (performance.now() > deadline) return 'out of reach'
    await wait(lookEvery / 2)
  }
  return 'ended'
}

/** Until nobody is there any more whom lakitu may end: on a busy machine a killed process takes a moment to die. */
async function killAll(ladder: Ladder): Promise<void> {
  const { family, sweepMark } = ladder
  const deadline = performance.now() + dyingTime
  for (;;) {
    killOnce(ladder)
    const beyond = new Set(pidsOf(outOfReach(family)))
    const marked = sweepMark === undefined ? [] : markedProcesses(sweepMark)
    const left = [...pidsOf(family.look()), ...marked].filter((pid) => !beyond.has(pid))
    if (left.length === 0 || performance.now() > deadline) return
    await wait(lookEvery / 5)
  }
}

/** KILL, and before it STOP to everybody, so that nobody forks away meanwhile. */
function killOnce({ family, sweepMark }: Ladder): void {
  const everybody = () => [
    ...new Set([...pidsOf(family.look()), ...(sweepMark === undefined ? [] : markedProcesses(sweepMark))]),
  ]
  const stopped = new Set<number>()
  // One that cannot be stopped may go on forking: then there is an end, too.
  const deadline = performance.now() + stoppingTime
  while (performance.now() < deadline) {
    const fresh = everybody().filter((pid) => !stopped.has(pid))
    if (fresh.length === 0) break
    signalAll(fresh, 'SIGSTOP')
    for (const pid of fresh) stopped.add(pid)
  }
  signalAll([...stopped], 'SIGKILL')
}

/** After the program's end: what it left is asked to end, and after a second killed. Answers what there was. */
export async function endLeftovers(ladder: Ladder): Promise<readonly ProcessRow[]> {
  const { family, sweepMark } = ladder
  const left = family.look()
  const pids = () => [...pidsOf(family.look()), ...(sweepMark === undefined ? [] : markedProcesses(sweepMark))]
  const first = pids()
  if (first.length === 0) return left
  signalAll([...new Set(first)], 'SIGTERM')
  const deadline = performance.now() + leftoverGrace
  while (performance.now() < deadline && pids().length > 0) await wait(lookEvery / 2)
  await killAll(ladder)
  return left
}

/** Members that live and belong to another user. */
export function outOfReach(family: Family): readonly ProcessRow[] {
  return family.look().filter((row) => realHands.send(row.pid, 0) === 'denied')
}

function isThere(family: Family): boolean {
  return family.look().some((row) => row.pid === family.leader.pid)
}

function pidsOf(rows: readonly ProcessRow[]): readonly number[] {
  return rows.map((row) => row.pid)
}
