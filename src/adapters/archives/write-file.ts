import { closeSync, fchmodSync, openSync, writevSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Content } from './members.ts'

/** Up to here a file is kept back and written in one go: the steps of a promise each cost more than the whole file. */
const small = 256 * 1024

/** Writes one new file (an error where something is) with exactly this mode. */
export class FileWriter implements Content {
  private readonly path: string
  private readonly mode: number
  private readonly explain: (error: unknown) => unknown
  private kept: Uint8Array[] = []
  private size = 0
  private file: FileHandle | undefined

  constructor(path: string, mode: number, explain: (error: unknown) => unknown = (error) => error) {
    this.path = path
    this.mode = mode
    this.explain = explain
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.file) return writeAll(this.file, bytes)
    this.kept.push(bytes)
    this.size += bytes.length
    return this.size > small ? this.flush() : undefined
  }

  end(): Promise<void> | undefined {
    if (this.file) return this.close()
    try {
      this.writeSmall()
    } catch (error) {
      throw this.explain(error)
    }
    return undefined
  }

  /** Closes what is still open; the file is as far as it got. */
  async letGo(): Promise<void> {
    await this.file?.close()
    this.file = undefined
  }

  private writeSmall(): void {
    const file = openSync(this.path, 'wx', this.mode)
    try {
      fchmodSync(file, this.mode)
      let left = this.size === 0 ? [] : this.kept
      while (left.length > 0) left = behind(left, writevSync(file, left))
    } finally {
      closeSync(file)
    }
  }

  private async flush(): Promise<void> {
    try {
      this.file = await open(this.path, 'wx', this.mode)
    } catch (error) {
      throw this.explain(error)
    }
    await this.file.chmod(this.mode)
    for (const bytes of this.kept) await writeAll(this.file, bytes)
    this.kept = []
  }

  private async close(): Promise<void> {
    const { file } = this
    this.file = undefined
    await file?.close()
  }
}

/** What is not yet written: one call may write less than it was given. */
function behind(pieces: Uint8Array[], written: number): Uint8Array[] {
  let skip = written
  const left: Uint8Array[] = []
  for (const piece of pieces) {
    if (skip < piece.length) left.push(piece.subarray(skip))
    skip = Math.max(0, skip - piece.length)
  }
  return left
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.length) done += (await file.write(bytes, done)).bytesWritten
}
