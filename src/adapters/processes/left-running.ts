import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Succession } from '../../ports/processes.ts'
import { type Member, startOf } from './family.ts'

/** How often it is looked whether a watchdog is gone, in ms. */
const lookEvery = 50
/** What takes no longer than this is not worth a word, in ms. */
const moment = 300

/** The watchdog of the lakitu that owns a work tree, as it stands in the tree's folder. */
export interface Guard extends Member {
  /** Pids and start times begin anew with the machine. */
  readonly boot: string
  /** What its lakitu was told to do. */
  readonly command: string
}

/**
 * Waits until the watchdog that a dead owner left is gone: then all is gone that it had to end. Only waiting is decided by the
 * file, and only on that very process. Answers whether there was one. Rejects when aborted.
 */
export async function finishedOff(folder: string, boot: string, { signal, onWait }: Succession): Promise<boolean> {
  const guard = guardIn(folder)
  const isThere = () => guard !== undefined && guard.boot === boot && startOf(guard.pid) === guard.start
  if (!guard || !isThere()) return false
  const told = performance.now() + moment
  for (let silent = true; isThere(); ) {
    if (silent && performance.now() > told) {
      silent = false
      onWait(guard)
    }
    await wait(lookEvery, undefined, { signal })
  }
  return true
}

export function writeGuard(folder: string, guard: Guard): void {
  writeFileSync(fileIn(folder), JSON.stringify(guard))
}

export function removeGuard(folder: string): void {
  rmSync(fileIn(folder), { force: true })
}

/** One that was cut off in the middle was written before any program began. */
function guardIn(folder: string): Guard | undefined {
  try {
    const guard: unknown = JSON.parse(readFileSync(fileIn(folder), 'utf8'))
    return isGuard(guard) ? guard : undefined
  } catch {
    return undefined
  }
}

function isGuard(thing: unknown): thing is Guard {
  if (typeof thing !== 'object' || thing === null) return false
  return 'pid' in thing && 'start' in thing && 'boot' in thing && 'command' in thing
}

function fileIn(folder: string): string {
  return join(folder, 'watchdog')
}
