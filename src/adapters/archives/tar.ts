import { Header, Parser, type ReadEntry } from 'tar'
import { asDamage, type Content, damaged, type Member, memberName, type Reading, unsafe } from './members.ts'
import { type Packing, packingOf, unpackedStream } from './unpacked-stream.ts'

const kinds: Readonly<Partial<Record<ReadEntry['type'], Member['kind']>>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'link',
  Link: 'hard-link',
}

/** Whether these first bytes of a file are the header of a tar: what names it so in no case is its checksum. */
export function isTar(start: Buffer): boolean {
  try {
    return start.length === 512 && new Header(start).cksumValid
  } catch {
    return false
  }
}

/**
 * The members of a .tar, plain or packed. Only the parser of the package is used, in its strict mode: what is written
 * where is decided in one place for all kinds of archives.
 */
export async function eachTarMember({ archive, take, meter, signal }: Reading, packing: Packing): Promise<void> {
  const parsing = new Parsing(archive)
  let content: Content | undefined
  for await (const chunk of unpackedStream(archive, packing, signal)) {
    signal.throwIfAborted()
    meter.bytes(chunk.length)
    for (const step of parsing.parse(chunk)) {
      if (step === 'end') {
        await content?.end()
        content = undefined
      } else if (step instanceof Uint8Array) {
        await content?.write(step)
      } else {
        meter.member()
        meter.announced(step.size)
        content = take(memberOf(archive, step))
      }
    }
  }
  parsing.end()
}

/** What the parser finds in one chunk, in order: a member, its bytes, its end. All of it is done with before the next chunk. */
type Step = ReadEntry | Uint8Array | 'end'

class Parsing {
  private readonly archive: string
  private readonly parser: Parser
  private steps: Step[] = []
  private begun = false
  private closed = false

  constructor(archive: string) {
    this.archive = archive
    // What is packed is unpacked before, once.
    this.parser = new Parser({
      strict: true,
      brotli: false,
      zstd: false,
      onReadEntry: (entry) => {
        this.steps.push(entry)
        entry.on('data', (bytes) => this.steps.push(bytes))
        entry.on('end', () => this.steps.push('end'))
      },
    })
    // Thrown through `write`, as everything here is synchronous.
    this.parser.on('error', (error: unknown) => {
      throw error
    })
    this.parser.on('meta', (text: string) => checkPax(archive, text))
    this.parser.on('ignoredEntry', (entry: ReadEntry) => {
      if (entry.meta) throw unsafe(archive, entry.path, 'its name is too long')
      throw unsafe(archive, entry.path, `it is neither file, folder nor link, but ${entry.type}`)
    })
    this.parser.on('eof', () => {
      this.closed = true
    })
  }

  parse(chunk: Buffer): readonly Step[] {
    // As every tar does: what follows the closing blocks is none of its own. It is read for the sum of the packing.
    if (this.closed) return []
    this.steps = []
    try {
      if (!this.begun && packingOf(chunk) !== 'none') throw new Error('it is packed twice')
      this.begun = true
      this.parser.write(chunk)
    } catch (error) {
      throw asDamage(this.archive, error)
    }
    return this.steps
  }

  end(): void {
    try {
      if (!this.closed) this.parser.end()
    } catch (error) {
      throw asDamage(this.archive, error)
    }
    // Cut between two members it looks whole but for the two empty blocks that close every tar.
    if (!this.closed) throw damaged(this.archive, 'it ends without its closing blocks')
  }
}

/** What the parser leaves out of a pax header, or cuts off, would make this another archive than the one that others read. */
function checkPax(archive: string, text: string): void {
  const records = /(?:^|\n)(\d+) (path|linkpath|size|GNU\.sparse\.[^=\n]*)=([^\n]*)/g
  for (const [, length, key = '', value = ''] of text.matchAll(records)) {
    if (key.startsWith('GNU.sparse.')) throw unsafe(archive, value, 'it is a file with holes (sparse)')
    if (value.includes('\0')) throw unsafe(archive, value, 'its name holds a NUL')
    if (value.includes('\ufffd')) throw unsafe(archive, value, 'its name is no UTF-8')
    if (Buffer.byteLength(`${length} ${key}=${value}\n`) !== Number(length)) {
      throw unsafe(archive, value, 'the length of its pax header is wrong')
    }
    if (key === 'size' && !/^\d+$/.test(value)) throw unsafe(archive, value, 'its size is no number')
  }
}

function memberOf(archive: string, entry: ReadEntry): Member {
  const name = memberName(archive, entry.path)
  const kind = kinds[entry.type]
  if (!kind) throw unsafe(archive, name, `it is neither file, folder nor link, but ${entry.type}`)
  if (kind !== 'file' && entry.size > 0) throw unsafe(archive, name, 'it has content and is no file')
  const mode = entry.mode === undefined ? undefined : entry.mode & 0o777
  return { name, kind, mode, target: entry.linkpath ?? '' }
}
