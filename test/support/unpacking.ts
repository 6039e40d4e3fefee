import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { archives } from '../../src/adapters/archives/archives.ts'
import type { UnpackRequest } from '../../src/ports/archive.ts'
import { testFolder } from './folder.ts'

/** Unpacks these bytes into `root/in/to`, with things around it that nobody may touch. */
export async function unpack(content: Uint8Array, options: Partial<UnpackRequest> = {}) {
  const root = await testFolder()
  const folder = join(root, 'in')
  await mkdir(folder)
  const archive = join(folder, 'archive')
  await writeFile(archive, content)
  await writeFile(join(root, 'secret'), 'untouched')
  const to = join(folder, 'to')
  const unpacked = archives.unpack({ archive, to, signal: new AbortController().signal, ...options })
  unpacked.catch(() => {})
  const left = async () => (await readdir(folder)).filter((name) => name !== 'archive')
  return { unpacked, root, folder, to, archive, left }
}

/** What was tried is refused in these words, nothing of it is left, and nothing outside was touched. */
export async function expectRefused(
  content: Uint8Array,
  error: { readonly code?: string; readonly message?: unknown; readonly facts?: unknown },
  options: Partial<UnpackRequest> = {},
) {
  const { unpacked, root, left } = await unpack(content, options)
  await expect(unpacked).rejects.toMatchObject({ code: 'E_ARCHIVE_UNSAFE', ...error })
  expect(await left()).toEqual([])
  expect((await readdir(root)).sort()).toEqual(['in', 'secret'])
  expect(await readFile(join(root, 'secret'), 'utf8')).toBe('untouched')
}

/** The headline of a member that is refused. */
export function refusal(why: string): string {
  return `An archive holds a member that must not be unpacked: ${why}`
}
