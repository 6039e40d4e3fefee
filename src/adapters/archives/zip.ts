import { type Entry, fromRandomAccessReader, type ZipFile } from 'yauzl'
import { asDamage, damaged, type EachMember, type Member, memberName, type Reading, unsafe } from './members.ts'
import { ZipBytes } from './zip-bytes.ts'
import { contentOf, smallContent, type ZipMember } from './zip-content.ts'

const typeBits = 0o170000
const linkBits = 0o120000
const fileBits = 0o100000
const folderBits = 0o040000
/** Targets of links are paths: what is longer is none. */
const longestTarget = 4096

/**
 * The members of a .zip: yauzl reads the directory at its end, whole and first, so that no member is written before it is
 * known that none lies in another one.
 */
export const eachZipMember: EachMember = async (reading) => {
  const bytes = await ZipBytes.open(reading.archive)
  try {
    for (const zipped of await directoryOf(reading, bytes)) {
      reading.signal.throwIfAborted()
      await handOver(reading, bytes, zipped)
    }
  } finally {
    await bytes.release()
  }
}

async function handOver({ archive, take, meter, signal }: Reading, bytes: ZipBytes, zipped: ZipMember): Promise<void> {
  meter.announced(zipped.size)
  const content = take(await memberOf(archive, bytes, zipped))
  if (!content) return
  for await (const chunk of contentOf(archive, bytes, zipped)) {
    signal.throwIfAborted()
    meter.bytes(chunk.length)
    await content.write(chunk)
  }
  await content.end()
}

async function directoryOf({ archive, meter, signal }: Reading, bytes: ZipBytes): Promise<readonly ZipMember[]> {
  const zip = await openZip(archive, bytes)
  const members: ZipMember[] = []
  for (let entry = await nextEntry(zip, archive); entry; entry = await nextEntry(zip, archive)) {
    signal.throwIfAborted()
    meter.member()
    members.push(zippedOf(entry, bytes.size))
  }
  // One that begins in another one could be unpacked many times over: a bomb without any great ratio.
  const byPlace = members.toSorted((a, b) => a.offset - b.offset)
  for (const [i, member] of byPlace.entries()) {
    member.limit = byPlace[i + 1]?.offset ?? bytes.size
    if (member.offset + 30 + member.rawName.length + member.packedSize > member.limit) {
      throw unsafe(archive, member.name, 'it lies over another member, or beyond the end')
    }
  }
  return members
}

function zippedOf(entry: Entry, limit: number): ZipMember {
  // Known to yauzl 3, not to its types.
  const raw: unknown = Reflect.get(entry, 'fileNameRaw')
  return {
    name: entry.fileName,
    // A copy: the buffer is that of the whole record.
    rawName: raw instanceof Uint8Array ? Buffer.from(raw) : Buffer.from(entry.fileName),
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    method: entry.compressionMethod,
    encrypted: entry.isEncrypted(),
    sum: entry.crc32,
    unix: entry.externalFileAttributes >>> 16,
    offset: entry.relativeOffsetOfLocalHeader,
    limit,
  }
}

function openZip(archive: string, bytes: ZipBytes): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true }
    fromRandomAccessReader(bytes, bytes.size, options, (error, zip) =>
      error ? reject(asDamage(archive, error)) : resolve(zip),
    )
  })
}

/** yauzl itself refuses names that leave the folder, with an error of its own. */
const refusedName = /^(?:absolute path|invalid relative path|invalid characters in fileName): (.*)$/s

function nextEntry(zip: ZipFile, archive: string): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      zip.removeAllListeners()
      // A late error must find somebody, or it ends the process.
      zip.on('error', () => {})
      finish()
    }
    zip.once('entry', (entry: Entry) => settle(() => resolve(entry)))
    zip.once('end', () => settle(() => resolve(undefined)))
    zip.once('error', (error: Error) => settle(() => reject(refusedEntry(archive, error))))
    zip.readEntry()
  })
}

function refusedEntry(archive: string, error: Error): unknown {
  const [, name] = refusedName.exec(error.message) ?? []
  if (name === undefined) return asDamage(archive, error)
  try {
    memberName(archive, name)
  } catch (refusal) {
    return refusal
  }
  return unsafe(archive, name, error.message)
}

async function memberOf(archive: string, bytes: ZipBytes, zipped: ZipMember): Promise<Member> {
  const name = memberName(archive, zipped.name)
  const type = zipped.unix & typeBits
  const mode = type === 0 ? undefined : zipped.unix & 0o777
  if (zipped.name.endsWith('/') || type === folderBits) {
    if (zipped.size > 0) throw unsafe(archive, name, 'it has content and is no file')
    return { name, kind: 'folder', mode, target: '' }
  }
  if (type === linkBits) return { name, kind: 'link', mode, target: await targetOf(archive, bytes, zipped) }
  if (type !== 0 && type !== fileBits) throw unsafe(archive, name, 'it is neither file, folder nor link')
  return { name, kind: 'file', mode, target: '' }
}

async function targetOf(archive: string, bytes: ZipBytes, zipped: ZipMember): Promise<string> {
  if (zipped.size > longestTarget) throw unsafe(archive, zipped.name, 'its link is too long')
  const target = (await smallContent(archive, bytes, zipped)).toString('utf8')
  if (target === '') throw damaged(archive, `${zipped.name}: it is a link to nothing`)
  return target
}
