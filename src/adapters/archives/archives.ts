import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LakituError } from '../../model/error.ts'
import type { Archives, UnpackRequest } from '../../ports/archive.ts'
import { listing } from '../../util/text.ts'
import { Meter } from './limits.ts'
import { damaged, type EachMember, memberName, type Take, unsafe } from './members.ts'
import { staged } from './staging.ts'
import { fillFolder } from './unpack.ts'
import { packingOf } from './unpacked-stream.ts'
import { FileWriter } from './write-file.ts'

/** Takes files out of archives with yauzl, tar and xz-decompress, each loaded with the first archive of its kind. */
export const archives: Archives = {
  unpack: (request) =>
    (request.member === undefined ? unpackAll(request) : unpackOne(request, request.member)).catch((error: unknown) => {
      throw inWords(request, error)
    }),
}

const blocked = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR']

/** What the system says of the archive itself, or of the place where it is to go. */
function inWords({ archive, to }: UnpackRequest, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ENOENT' && 'path' in error && error.path === archive) return noArchive(archive, error)
  return blocked.includes(String(error.code)) && 'dest' in error && error.dest === to ? occupied(archive, to) : error
}

async function unpackAll(request: UnpackRequest): Promise<readonly string[]> {
  const { archive, to, signal } = request
  const each = await readerOf(request)
  // Whose the things in there are cannot be known here; the rename would refuse them too, but late and in other words.
  if (await isFilled(to)) throw occupied(archive, to)
  return staged(to, async (staging) => {
    const names = await fillFolder(staging, archive, each)
    signal.throwIfAborted()
    return names.map((name) => join(to, name))
  })
}

async function unpackOne(request: UnpackRequest, member: string): Promise<readonly string[]> {
  const { archive, to, mode, signal } = request
  const each = await readerOf(request)
  const wanted = memberName(archive, member)
  const there: string[] = []
  let file: FileWriter | undefined
  await staged(to, async (staging) => {
    try {
      await each((one) => {
        if (one.kind === 'file') there.push(one.name)
        if (one.kind !== 'file' || one.name !== wanted) return undefined
        if (file) throw unsafe(archive, one.name, 'it is there twice')
        file = new FileWriter(staging, mode ?? (one.mode ?? 0o644) | 0o600)
        return file
      })
      if (!file) throw noSuchMember(archive, member, there)
      signal.throwIfAborted()
    } finally {
      await file?.letGo()
    }
  })
  return [to]
}

/** By what the file begins with: a name says less, least of all one that a person chose. */
async function readerOf(request: UnpackRequest): Promise<(take: Take) => Promise<void>> {
  const { archive, signal } = request
  const meter = new Meter(archive, (await stat(archive)).size, request)
  const each = await kindOf(archive)
  return (take) => each({ archive, take, meter, signal })
}

async function kindOf(archive: string): Promise<EachMember> {
  const start = await startOf(archive)
  if (start.toString('latin1', 0, 2) === 'PK') return (await import('./zip.ts')).eachZipMember
  const packing = packingOf(start)
  const { eachTarMember, isTar } = await import('./tar.ts')
  if (packing !== 'none' || isTar(start)) return (reading) => eachTarMember(reading, packing)
  throw damaged(archive, start.length === 0 ? 'it is empty' : 'it begins like no kind of archive that is known')
}

async function startOf(archive: string): Promise<Buffer> {
  const start = Buffer.alloc(512)
  const file = await open(archive, 'r')
  const { bytesRead } = await file.read(start, 0, start.length, 0).finally(() => file.close())
  return start.subarray(0, bytesRead)
}

async function isFilled(folder: string): Promise<boolean> {
  const there = await readdir(folder).catch(() => [])
  return there.length > 0
}

function occupied(archive: string, to: string): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE_TARGET',
    headline: 'Something else is in the place where an archive is to be unpacked',
    facts: { archive, place: to },
    next: 'Unpack into a folder of its own, or one member to a path where no folder is, and declare it as an output of the task.',
  })
}

function noArchive(archive: string, cause: unknown): LakituError {
  return new LakituError({
    code: 'E_ARCHIVE',
    headline: 'There is no such archive',
    facts: { archive },
    next: 'Check its path, and need the task that makes it; ctx.fetch answers where a download lies.',
    cause,
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
