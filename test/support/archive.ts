import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

/** One member of a made archive; names are taken as they are, also hostile ones. */
export interface Made {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Default 0o644, of folders (names that end in a slash) 0o755. */
  readonly mode?: number
  /** Makes it a symbolic link. */
  readonly link?: string
  /** Only of tars: makes it a hard link. */
  readonly hardLink?: string
  /** Only of tars: the type letter, such as `3` for a device. */
  readonly type?: string
  /** Only of tars: records of a pax header that stands before it, such as `path=a`; `[length, record]` to lie about the length. */
  readonly pax?: readonly (string | readonly [length: number, record: string])[]
  /** Only of tars: the twelve bytes of the size field. */
  readonly sizeField?: Uint8Array
  /** Only of tars: instead of `name`, where it is no text. */
  readonly rawName?: Uint8Array
  /** Only of zips: announces a wrong checksum. */
  readonly wrongSum?: boolean
  /** Only of zips: what the headers say of the unpacked size. */
  readonly size?: number
  /** Only of zips: what its own header says where the directory says something else. */
  readonly own?: { readonly name?: string; readonly size?: number; readonly sum?: number; readonly method?: number }
  /** Only of zips: bits of the flags besides that for UTF-8. */
  readonly flags?: number
  /** Only of zips: default 8 (deflate). */
  readonly method?: number
}

/** The bytes of a .zip with these members. */
export function zipOf(members: readonly Made[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const member of members) {
    const [local, central] = zipHeaders(member, offset)
    parts.push(local)
    directory.push(central)
    offset += local.length
  }
  const index = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 8)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, index, end])
}

/** As the start of the own header and of the directory's record both have it. */
function zipFields(member: Made, packed: number, isOwn: boolean): Buffer {
  const own = isOwn ? (member.own ?? {}) : {}
  const content = Buffer.from(member.link ?? member.content ?? '')
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  // Bit 11: the name is UTF-8.
  fields.writeUInt16LE(0x800 | (member.flags ?? 0), 2)
  fields.writeUInt16LE(own.method ?? member.method ?? 8, 4)
  fields.writeUInt32LE(own.sum ?? (crc32(content) ^ (member.wrongSum ? 1 : 0)) >>> 0, 10)
  fields.writeUInt32LE(packed, 14)
  fields.writeUInt32LE(own.size ?? member.size ?? content.length, 18)
  fields.writeUInt16LE(Buffer.byteLength(own.name ?? member.name), 22)
  return fields
}

function zipHeaders(member: Made, offset: number): readonly [local: Buffer, central: Buffer] {
  const packed = deflateRawSync(Buffer.from(member.link ?? member.content ?? ''))
  const type = member.link ? 0o120000 : member.name.endsWith('/') ? 0o040000 : 0o100000
  const signature = (text: string, ...rest: number[]) => Buffer.from([...Buffer.from(text), ...rest])
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(((type | (member.mode ?? 0o644)) << 16) >>> 0, 6)
  rest.writeUInt32LE(offset, 10)
  const own = zipFields(member, packed.length, true)
  const listed = zipFields(member, packed.length, false)
  return [
    Buffer.concat([signature('PK', 3, 4), own, Buffer.from(member.own?.name ?? member.name), packed]),
    // Made by: version 20 on Unix, without which the mode counts for nothing.
    Buffer.concat([signature('PK', 1, 2, 20, 3), listed, rest, Buffer.from(member.name)]),
  ]
}

/** The bytes of a .tar with these members, closed by its two empty blocks. */
export function tarOf(members: readonly Made[]): Buffer {
  return Buffer.concat([...members.flatMap(tarBlocks), Buffer.alloc(1024)])
}

/** The bytes of a .tar.gz with these members. */
export function tarGzOf(members: readonly Made[]): Buffer {
  return gzipSync(tarOf(members))
}

/** The blocks of members, without the two that close a tar. */
export function tarBlocks(member: Made): readonly Buffer[] {
  const content = Buffer.from(member.content ?? '')
  return [...paxBlocks(member.pax ?? []), tarHeader(member, content.length), content, padding(content.length)]
}

function paxBlocks(records: readonly (string | readonly [number, string])[]): readonly Buffer[] {
  if (records.length === 0) return []
  const lines = records.map((record) => (typeof record === 'string' ? paxLine(record) : `${record[0]} ${record[1]}\n`))
  const content = Buffer.from(lines.join(''))
  return [tarHeader({ name: 'pax', type: 'x' }, content.length), content, padding(content.length)]
}

/** The length of a record counts its own digits. */
function paxLine(record: string): string {
  let length = 0
  for (let i = 0; i < 4; i += 1) length = Buffer.byteLength(`${length} ${record}\n`)
  return `${length} ${record}\n`
}

function padding(length: number): Buffer {
  return Buffer.alloc((512 - (length % 512)) % 512)
}

function tarHeader(member: Made, size: number): Buffer {
  const isFolder = member.name.endsWith('/')
  const type = member.type ?? (member.link ? '2' : member.hardLink ? '1' : isFolder ? '5' : '0')
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  header.set(member.rawName ?? Buffer.from(member.name).subarray(0, 100), 0)
  octal(member.mode ?? (isFolder ? 0o755 : 0o644), 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  if (member.sizeField) header.set(member.sizeField, 124)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(member.link ?? member.hardLink ?? '', 157)
  header.write('ustar\x0000', 257)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return header
}
