import { existsSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { baseFolder } from '../lxc/index.ts'

const hour = 3_600_000

/**
 * Removes boxes that lakitu once added to Vagrant and that no container is of: each takes 90 MB, and the project that made
 * one adds it again when it needs it. Boxes of the last hour stay: one of another lakitu may be about to be used.
 */
export async function pruneBoxes(folder: string, current: string, bases = baseFolder, now = Date.now()): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [, id] = /^lakitu-([0-9a-f]{12})$/.exec(name) ?? []
    const isUsed = id === undefined || name === current || existsSync(join(bases, id))
    if (isUsed || now - statSync(join(folder, name)).mtimeMs < hour) continue
    await rm(join(folder, name), { recursive: true, force: true })
  }
}
