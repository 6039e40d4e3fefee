import { createReadStream } from 'node:fs'
import { pipeline, type Transform } from 'node:stream'
import { constants, createGunzip, createZstdDecompress } from 'node:zlib'
import { asDamage } from './members.ts'

export type Packing = 'none' | 'gzip' | 'zstd' | 'xz'

/** What is read and unpacked at once. With 64 KiB a tenth less time of the processor, but more than 100 MB that wait to be collected. */
export const piece = 32 * 1024

/** By the first bytes of a file. */
export function packingOf(start: Buffer): Packing {
  if (start.length < 6) return 'none'
  if (start.readUInt16BE(0) === 0x1f8b) return 'gzip'
  if (start.toString('latin1', 0, 6) === '\xfd7zXZ\0') return 'xz'
  // A frame, or one that is to be skipped, as pzstd begins with.
  const magic = start.readUInt32LE(0)
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'none'
}

/** The bytes of a file, unpacked while they are read. All sums that the packing has are checked. */
export async function* unpackedStream(archive: string, packing: Packing, signal: AbortSignal): AsyncGenerator<Buffer> {
  const source = createReadStream(archive, { highWaterMark: piece, signal })
  try {
    if (packing === 'xz') yield* (await import('./xz.ts')).unxz(source)
    else yield* packing === 'none' ? source : through(source, unpackerOf(packing))
  } catch (error) {
    signal.throwIfAborted()
    throw asDamage(archive, error)
  } finally {
    source.destroy()
  }
}

function unpackerOf(packing: 'gzip' | 'zstd'): Transform {
  if (packing === 'gzip') return createGunzip({ chunkSize: piece })
  // 128 MiB: what `zstd --long` makes at most, and what every reader must have without being asked.
  return createZstdDecompress({ chunkSize: piece, params: { [constants.ZSTD_d_windowLogMax]: 27 } })
}

function through(source: NodeJS.ReadableStream, unpacker: Transform): Transform {
  // What fails is thrown to whoever reads from the unpacker.
  return pipeline(source, unpacker, () => {})
}
