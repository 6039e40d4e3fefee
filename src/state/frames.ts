import { crc32 } from 'node:zlib'

/**
 * The journal's bytes: a file header, then frames. A frame is a header of 12 bytes (length of the payload, CRC-32 of the
 * payload, CRC-32 of these 8 bytes; little endian) and the payload, JSON in UTF-8.
 */
const magic = Buffer.from('LAKITU\x01\n', 'latin1')
export const journalFormat = 1
const headerSize = 12

/** The 16 bytes that a journal begins with: magic, format, and the CRC-32 of these two. Every format keeps to that. */
export function fileHeader(format = journalFormat): Buffer {
  const header = Buffer.alloc(magic.length + 8)
  magic.copy(header)
  header.writeUInt32LE(format, magic.length)
  header.writeUInt32LE(crc32(header.subarray(0, magic.length + 4)), magic.length + 4)
  return header
}

export function frame(entry: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(entry))
  const header = Buffer.alloc(headerSize)
  header.writeUInt32LE(payload.length, 0)
  header.writeUInt32LE(crc32(payload), 4)
  header.writeUInt32LE(crc32(header.subarray(0, 8)), 8)
  return Buffer.concat([header, payload])
}

export type ReadFrames =
  /** `length`: bytes that hold; shorter than the file where a write was cut off at its end. */
  | { readonly state: 'good'; readonly entries: readonly unknown[]; readonly length: number }
  | { readonly state: 'damaged'; readonly at: number }
  | { readonly state: 'newer'; readonly format: number }

/**
 * Only a last frame shorter than its intact header says is a torn tail; everything else that does not add up is damage,
 * after which nothing in the file is believed.
 */
export function readFrames(bytes: Buffer): ReadFrames {
  const start = fileHeader().length
  if (bytes.length < start) {
    return fileHeader().subarray(0, bytes.length).equals(bytes)
      ? { state: 'good', entries: [], length: 0 }
      : { state: 'damaged', at: 0 }
  }
  const format = bytes.readUInt32LE(magic.length)
  if (!bytes.subarray(0, start).equals(fileHeader(format))) return { state: 'damaged', at: 0 }
  if (format > journalFormat) return { state: 'newer', format }
  if (format !== journalFormat) return { state: 'damaged', at: magic.length }
  const entries: unknown[] = []
  let at = start
  while (at < bytes.length) {
    if (bytes.length - at < headerSize) break
    const header = bytes.subarray(at, at + headerSize)
    if (crc32(header.subarray(0, 8)) !== header.readUInt32LE(8)) return { state: 'damaged', at }
    const end = at + headerSize + header.readUInt32LE(0)
    if (end > bytes.length) break
    const payload = bytes.subarray(at + headerSize, end)
    if (crc32(payload) !== header.readUInt32LE(4)) return { state: 'damaged', at }
    entries.push(JSON.parse(payload.toString('utf8')))
    at = end
  }
  return { state: 'good', entries, length: at }
}
