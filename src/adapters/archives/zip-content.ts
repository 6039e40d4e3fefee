import { pipeline, Readable } from 'node:stream'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { asDamage, damaged, unsafe } from './members.ts'
import { piece } from './unpacked-stream.ts'
import type { ZipBytes } from './zip-bytes.ts'

/** A member as the directory of the zip describes it. */
export interface ZipMember {
  readonly name: string
  readonly rawName: Buffer
  readonly size: number
  readonly packedSize: number
  readonly method: number
  readonly encrypted: boolean
  readonly sum: number
  /** Type and mode as Unix has them, or 0. */
  readonly unix: number
  /** Of its own header, which lies before its content. */
  readonly offset: number
  /** Where the next member begins. */
  limit: number
}

/** The unpacked bytes: as many as the directory says, and with its checksum. */
export async function* contentOf(archive: string, bytes: ZipBytes, member: ZipMember): AsyncGenerator<Buffer> {
  if (member.size <= piece && member.packedSize <= piece) {
    yield await smallContent(archive, bytes, member)
    return
  }
  const start = await startOf(archive, bytes, member)
  let [sum, size] = [0, 0]
  try {
    for await (const chunk of unpackedPieces(bytes, start, member)) {
      size += chunk.length
      if (size > member.size) throw wrongSize(archive, member)
      sum = crc32(chunk, sum)
      yield chunk
    }
  } catch (error) {
    throw asDamage(archive, error, `${member.name}: `)
  }
  if (size !== member.size) throw wrongSize(archive, member)
  if (sum !== member.sum) throw wrongSum(archive, member)
}

/** In one go: setting up streams costs more than unpacking a small file. */
export async function smallContent(archive: string, bytes: ZipBytes, member: ZipMember): Promise<Buffer> {
  const packed = await bytes.at(await startOf(archive, bytes, member), member.packedSize)
  if (!packed) throw damaged(archive, `${member.name}: it is cut short`)
  const content = member.method === 0 ? packed : inflated(archive, packed, member)
  if (content.length !== member.size) throw wrongSize(archive, member)
  if (crc32(content) !== member.sum) throw wrongSum(archive, member)
  return content
}

function inflated(archive: string, packed: Buffer, member: ZipMember): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size) })
  } catch (error) {
    const tooBig = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw tooBig ? wrongSize(archive, member) : asDamage(archive, error, `${member.name}: `)
  }
}

function unpackedPieces(bytes: ZipBytes, start: number, member: ZipMember): AsyncIterable<Buffer> {
  const packed = bytes.pieces(start, member.packedSize)
  if (member.method === 0) return packed
  // What fails is thrown to whoever reads from it.
  return pipeline(Readable.from(packed, { objectMode: false }), createInflateRaw({ chunkSize: piece }), () => {})
}

/** Where its content begins, by its own header, which must say the same as the directory: else readers differ in what they see. */
async function startOf(archive: string, bytes: ZipBytes, member: ZipMember): Promise<number> {
  const refuse = (why: string) => damaged(archive, `${member.name}: ${why}`)
  if (member.encrypted) throw refuse('it is encrypted')
  if (member.method !== 0 && member.method !== 8) {
    throw refuse(`it is packed with method ${member.method}; only 0 (stored) and 8 (deflate) can be read`)
  }
  const header = await bytes.at(member.offset, 30)
  if (header?.readUInt32LE(0) !== 0x04034b50) throw refuse('its own header is not where the directory says')
  const [nameLength, extraLength] = [header.readUInt16LE(26), header.readUInt16LE(28)]
  const start = member.offset + 30 + nameLength + extraLength
  if (start + member.packedSize > member.limit) {
    throw unsafe(archive, member.name, 'it lies over another member, or beyond the end')
  }
  const rest = await bytes.at(member.offset + 30, nameLength + extraLength)
  const name = rest?.subarray(0, nameLength)
  if (!name?.equals(member.rawName) || header.readUInt16LE(8) !== member.method) {
    throw unsafe(archive, member.name, 'its own header says another name or method than the directory')
  }
  if (!saysTheSame(header, rest?.subarray(nameLength) ?? Buffer.alloc(0), member)) {
    throw unsafe(archive, member.name, 'its own header says another size or checksum than the directory')
  }
  return start
}

/** Where sizes follow the content (bit 3) the header has none; big ones (zip64) stand in its extra field. */
function saysTheSame(header: Buffer, extra: Buffer, member: ZipMember): boolean {
  const [sum, packed, size] = [header.readUInt32LE(14), header.readUInt32LE(18), header.readUInt32LE(22)]
  const follows = (header.readUInt16LE(6) & 8) !== 0
  const same = (said: number, known: number) => said === known || (follows && said === 0)
  if (!same(sum, member.sum)) return false
  if (packed !== 0xffffffff && size !== 0xffffffff) return same(packed, member.packedSize) && same(size, member.size)
  const big = zip64Sizes(extra)
  if (!big) return false
  const [bigSize, bigPacked] = big
  return (
    same(size === 0xffffffff ? bigSize : size, member.size) &&
    same(packed === 0xffffffff ? bigPacked : packed, member.packedSize)
  )
}

function zip64Sizes(extra: Buffer): readonly [size: number, packed: number] | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1 && extra.readUInt16LE(at + 2) >= 16 && at + 20 <= extra.length) {
      return [Number(extra.readBigUInt64LE(at + 4)), Number(extra.readBigUInt64LE(at + 12))]
    }
  }
  return undefined
}

function wrongSize(archive: string, member: ZipMember): Error {
  return unsafe(archive, member.name, `it is not as big as it says (${member.size} bytes)`)
}

function wrongSum(archive: string, member: ZipMember): Error {
  return damaged(archive, `${member.name}: its checksum is wrong`)
}
