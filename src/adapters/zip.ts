import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, open, type ZipFile } from 'yauzl'
import { damaged, type EachMember, type Member, memberName, unsafe } from './members.ts'

const typeBits = 0o170000
const linkBits = 0o120000
const fileBits = 0o100000
const folderBits = 0o040000
/** Targets of links are paths: what is longer is none. */
const longestTarget = 4096

/** The members of a .zip. */
export const eachZipMember: EachMember = async (archive, take, signal) => {
  const zip = await openZip(archive)
  try {
    for (;;) {
      signal.throwIfAborted()
      const entry = await nextEntry(zip, archive)
      if (!entry) return
      await take(await memberOf(archive, zip, entry))
    }
  } finally {
    zip.close()
  }
}

function openZip(archive: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(archive, { lazyEntries: true, autoClose: false }, (error, zip) =>
      error ? reject('syscall' in error ? error : damaged(archive, error.message, error)) : resolve(zip),
    )
  })
}

/** yauzl itself refuses names that leave the folder, with an error of its own. */
const refusedName = /^(absolute path|invalid relative path|invalid characters in fileName): (.*)$/s

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
    zip.once('error', (error: Error) =>
      settle(() => {
        const [, what, name] = refusedName.exec(error.message) ?? []
        reject(what ? unsafe(archive, name ?? '', what) : damaged(archive, error.message, error))
      }),
    )
    zip.readEntry()
  })
}

async function memberOf(archive: string, zip: ZipFile, entry: Entry): Promise<Member> {
  const name = memberName(archive, entry.fileName)
  const unix = entry.externalFileAttributes >>> 16
  const type = unix & typeBits
  const content = () => contentOf(archive, zip, entry)
  const mode = type === 0 ? undefined : unix & 0o777
  if (entry.fileName.endsWith('/') || type === folderBits) return { name, kind: 'folder', mode, target: '', content }
  if (type === linkBits) return { name, kind: 'link', mode, target: await targetOf(archive, entry, content()), content }
  if (type !== 0 && type !== fileBits) throw unsafe(archive, name, 'it is neither file, folder nor link')
  return { name, kind: 'file', mode, target: '', content }
}

async function targetOf(archive: string, entry: Entry, content: AsyncIterable<Uint8Array>): Promise<string> {
  if (entry.uncompressedSize > longestTarget) throw unsafe(archive, entry.fileName, 'its link is too long')
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The unpacked bytes; yauzl watches their number, this their checksum. */
async function* contentOf(archive: string, zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0
  try {
    for await (const chunk of await openEntry(zip, entry)) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a zip gave text')
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw damaged(archive, `${entry.fileName}: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (sum !== entry.crc32) throw damaged(archive, `${entry.fileName}: its checksum is wrong`)
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
}
