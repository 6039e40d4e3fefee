import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** What this process is writing just now. */
const held = new Set<string>()

/**
 * Lets `write` make a file or folder under a name beside `to`, and renames it when it is whole. A kill leaves
 * `<to>.<pid>-<8 hex>.part`, which the next one to the same place removes, once no process has that pid.
 */
export async function staged<T>(to: string, write: (staging: string) => Promise<T>): Promise<T> {
  await mkdir(dirname(to), { recursive: true })
  await clearLeftovers(to)
  const staging = nameBeside(to)
  held.add(staging)
  try {
    const made = await write(staging)
    await rename(staging, to)
    return made
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  } finally {
    held.delete(staging)
  }
}

function nameBeside(to: string): string {
  return `${to}.${process.pid}-${randomUUID().slice(0, 8)}.part`
}

async function clearLeftovers(to: string): Promise<void> {
  const [folder, prefix] = [dirname(to), `${basename(to)}.`]
  for (const name of await readdir(folder)) {
    const [, pid] = (name.startsWith(prefix) && /^(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(prefix.length))) || []
    const left = join(folder, name)
    if (pid === undefined || held.has(left) || isAnother(Number(pid))) continue
    // Renamed first: whoever should be at work in there after all (pids mean nothing beyond one machine) fails then, instead of
    // renaming what lost some of its files.
    const mine = nameBeside(to)
    held.add(mine)
    try {
      await rename(left, mine)
      await rm(mine, { recursive: true, force: true })
    } catch (error) {
      // Another process clears up here, too.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    } finally {
      held.delete(mine)
    }
  }
}

/** Whether another process lives under this pid; one with our own is gone, unless it is us (`held`). */
function isAnother(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
