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
  /** Only of zips: announces a wrong checksum. */
  readonly wrongSum?: boolean
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

function zipHeaders(member: Made, offset: number): readonly [local: Buffer, central: Buffer] {
  const name = Buffer.from(member.name)
  const content = Buffer.from(member.link ?? member.content ?? '')
  const packed = deflateRawSync(content)
  const type = member.link ? 0o120000 : member.name.endsWith('/') ? 0o040000 : 0o100000
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  // Bit 11: the name is UTF-8. Method 8: deflate.
  common.writeUInt16LE(0x800, 2)
  common.writeUInt16LE(8, 4)
  common.writeUInt32LE((crc32(content) ^ (member.wrongSum ? 1 : 0)) >>> 0, 10)
  common.writeUInt32LE(packed.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(name.length, 22)
  const signature = (text: string, ...rest: number[]) => Buffer.from([...Buffer.from(text), ...rest])
  const rest = Buffer.alloc(14)
  rest.writeUInt32LE(((type | (member.mode ?? 0o644)) << 16) >>> 0, 6)
  rest.writeUInt32LE(offset, 10)
  return [
    Buffer.concat([signature('PK', 3, 4), common, name, packed]),
    // Made by: version 20 on Unix, without which the mode counts for nothing.
    Buffer.concat([signature('PK', 1, 2, 20, 3), common, rest, name]),
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

function tarBlocks(member: Made): readonly Buffer[] {
  const content = Buffer.from(member.content ?? '')
  const isFolder = member.name.endsWith('/')
  const type = member.type ?? (member.link ? '2' : member.hardLink ? '1' : isFolder ? '5' : '0')
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  header.write(member.name, 0)
  octal(member.mode ?? (isFolder ? 0o755 : 0o644), 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(content.length, 124, 12)
  octal(0, 136, 12)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(member.link ?? member.hardLink ?? '', 157)
  header.write('ustar\x0000', 257)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
}
