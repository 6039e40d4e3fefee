import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Why no small disk can be made here; undefined where it can. */
export const missingForDisk = ((): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can mount a small disk'
  try {
    unmount(mount('16k'))
    return undefined
  } catch (error) {
    return `no small disk can be mounted here: ${String(error)}`
  }
})()

/** A disk of its own, of so many bytes (`400k`), that goes away with the test. */
export function smallDisk(size: string): string {
  const folder = mount(size)
  onTestFinished(() => unmount(folder))
  return folder
}

function mount(size: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lakitu-small-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'lakitu-test', folder], { stdio: 'pipe' })
  return folder
}

function unmount(folder: string): void {
  execFileSync('umount', [folder])
  rmdirSync(folder)
}

/** What a task's function does to leave only so many bytes free: `fill(root, bytes)`. As the text of a module. */
export const fillModule = `
import { truncateSync, statSync, writeFileSync, appendFileSync } from 'node:fs'
export function fill(file, left) {
  try { for (;;) appendFileSync(file, Buffer.alloc(4096)) } catch (error) { if (error.code !== 'ENOSPC') throw error }
  truncateSync(file, Math.max(0, statSync(file).size - left))
}
`

/** A file of so many bytes. */
export function sized(path: string, bytes: number): void {
  writeFileSync(path, 'x'.repeat(bytes))
}
