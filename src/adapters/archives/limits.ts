import { LakituError } from '../../model/error.ts'
import type { UnpackLimits } from '../../ports/archive.ts'
import { bytes } from '../../util/text.ts'

/** Below this nothing is a bomb, whatever its ratio: small archives of zeros exist. */
const harmless = 64 << 20

/** Counts what comes out of one archive while it does, so that a bomb is over before the disk is full. */
export class Meter {
  private readonly archive: string
  private readonly packed: number
  private readonly maxSize: number
  private readonly maxMembers: number
  private readonly maxRatio: number
  private size = 0
  private members = 0

  constructor(archive: string, packed: number, limits: UnpackLimits) {
    this.archive = archive
    this.packed = packed
    this.maxSize = limits.maxSize ?? 8 * 2 ** 30
    this.maxMembers = limits.maxMembers ?? 200_000
    this.maxRatio = limits.maxRatio ?? 200
  }

  member(): void {
    this.members += 1
    if (this.members > this.maxMembers) {
      throw this.tooMuch(`it holds more than ${this.maxMembers} members`, 'maxMembers')
    }
  }

  /** Before the bytes go anywhere. */
  bytes(count: number): void {
    this.size += count
    this.check(this.size)
  }

  /** The size of one member, as the archive has it: what is too much by itself is not waited for. */
  announced(size: number): void {
    this.check(size)
  }

  private check(size: number): void {
    if (size > this.maxSize) throw this.tooMuch(`it unpacks to more than ${bytes(this.maxSize)}`, 'maxSize')
    if (size > Math.max(harmless, this.packed * this.maxRatio)) {
      throw this.tooMuch(`it unpacks to more than ${this.maxRatio} times its own size`, 'maxRatio')
    }
  }

  private tooMuch(what: string, limit: keyof UnpackLimits): LakituError {
    return new LakituError({
      code: 'E_ARCHIVE_UNSAFE',
      headline: `An archive must not be unpacked: ${what}`,
      facts: { archive: this.archive, size: bytes(this.packed) },
      next: `Where that is no attack, allow more with ${limit}. Nothing of it was unpacked.`,
    })
  }
}
