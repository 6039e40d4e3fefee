import { type FileHandle, open } from 'node:fs/promises'
import { RandomAccessReader } from 'yauzl'
import { piece } from './unpacked-stream.ts'

/**
 * The bytes of a zip file, read in big pieces of which the last is kept: the headers of small members, and the members themselves,
 * lie side by side, and each call of the system costs more than what it brings.
 */
export class ZipBytes extends RandomAccessReader {
  readonly size: number
  private readonly file: FileHandle
  private start = 0
  private kept: Buffer = Buffer.alloc(0)

  private constructor(file: FileHandle, size: number) {
    super()
    this.file = file
    this.size = size
  }

  static async open(path: string): Promise<ZipBytes> {
    const file = await open(path, 'r')
    return new ZipBytes(file, (await file.stat()).size)
  }

  /** A view of `length` bytes; undefined where the file ends before. */
  async at(position: number, length: number): Promise<Buffer | undefined> {
    if (position + length > this.size) return undefined
    if (position < this.start || position + length > this.start + this.kept.length) {
      // A new buffer each time, as views of the last one may still be in use.
      const buffer = Buffer.allocUnsafe(Math.min(Math.max(length, piece), this.size - position))
      let done = 0
      while (done < buffer.length) {
        const { bytesRead } = await this.file.read(buffer, done, buffer.length - done, position + done)
        if (bytesRead === 0) return undefined
        done += bytesRead
      }
      this.start = position
      this.kept = buffer
    }
    return this.kept.subarray(position - this.start, position - this.start + length)
  }

  /** In pieces, each a buffer of its own. */
  async *pieces(start: number, length: number): AsyncGenerator<Buffer> {
    for (let done = 0; done < length; ) {
      const buffer = Buffer.allocUnsafe(Math.min(piece, length - done))
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, start + done)
      if (bytesRead === 0) throw new Error('it is cut short')
      done += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  release(): Promise<void> {
    return this.file.close()
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.at(position, length).then((bytes) => {
      bytes?.copy(buffer, offset)
      if (bytes) callback(null, length)
      else callback(new Error('it is cut short'))
    }, callback)
  }
}
