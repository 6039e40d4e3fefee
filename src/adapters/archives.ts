import { randomUUID } from 'node:crypto'
import { chmod, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { LakituError } from '../model/error.ts'
import type { Archives, UnpackRequest } from '../ports/archive.ts'
import { listing } from '../util/text.ts'
import { damaged, type EachMember, memberName } from './members.ts'
import { fillFolder } from './unpack.ts'

/** Takes files out of archives with yauzl and tar, each loaded with the first archive of its kind. */
export const archives: Archives = {
  unpack: (request) => (request.member === undefined ? unpackAll(request) : unpackOne(request, request.member)),
}

async function unpackAll({ archive, to, signal }: UnpackRequest): Promise<readonly string[]> {
  const each = await readerOf(archive)
  // Whose the things in there are cannot be known here; the rename below would refuse them too, but late and in other words.
  if (await isFilled(to)) throw occupied(archive, to)
  await mkdir(dirname(to), { recursive: true })
  const staging = `${to}.${randomUUID().slice(0, 8)}.part`
  try {
    const names = await fillFolder(staging, archive, (take) => each(archive, take, signal))
    signal.throwIfAborted()
    await rename(staging, to)
    return names.map((name) => join(to, name))
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    throw error
  }
}

async function unpackOne({ archive, to, mode, signal }: UnpackRequest, member: string): Promise<readonly string[]> {
  const each = await readerOf(archive)
  const wanted = memberName(archive, member)
  const there: string[] = []
  await mkdir(dirname(to), { recursive: true })
  const temporary = `${to}.${randomUUID().slice(0, 8)}.part`
  let found = false
  try {
    await each(
      archive,
      async (one) => {
        if (one.kind === 'file') there.push(one.name)
        if (one.kind !== 'file' || one.name !== wanted) return
        const file = await open(temporary, 'w', one.mode ?? 0o644)
        await pipeline(one.content(), file.createWriteStream(), { signal })
        if (mode !== undefined) await chmod(temporary, mode)
        found = true
      },
      signal,
    )
    if (!found) throw noSuchMember(archive, member, there)
    await rename(temporary, to)
    return [to]
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** By what the file begins with: a name says less, least of all one that a person chose. */
async function readerOf(archive: string): Promise<EachMember> {
  const start = Buffer.alloc(512)
  const file = await open(archive, 'r')
  const { bytesRead } = await file.read(start, 0, start.length, 0).finally(() => file.close())
  if (start.toString('latin1', 0, 2) === 'PK') return (await import('./zip.ts')).eachZipMember
  const isGzip = start.readUInt16BE(0) === 0x1f8b
  const isTar = start.toString('latin1', 257, 262) === 'ustar' || archive.endsWith('.tar')
  if (isGzip || isTar) return (await import('./tar.ts')).eachTarMember
  throw damaged(archive, bytesRead === 0 ? 'it is empty' : 'it begins like no kind of archive that is known')
}

async function isFilled(folder: string): Promise<boolean> {
  const there = await readdir(folder).catch(() => [])
  return there.length > 0
}

function occupied(archive: string, to: string): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE_TARGET',
    headline: 'An archive is to be unpacked into a folder that already holds something',
    facts: { archive, folder: to },
    next: 'Unpack into a folder of its own, and declare it as an output of the task.',
  })
}

function noSuchMember(archive: string, member: string, there: readonly string[]): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE_MEMBER',
    headline: `There is no ${member} in the archive`,
    facts: { archive, holds: there.length > 0 ? listing(there) : 'no files' },
    next: 'Check that it is the right archive, for the right product.',
  })
}
