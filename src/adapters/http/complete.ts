import { rename, rm } from 'node:fs/promises'
import { isSystemError, LakituError } from '../../model/error.ts'
import type { Sha256 } from '../../util/digest.ts'
import { tooBig, undecodable, wrongSize, wrongSum } from './amiss.ts'
import { canDecode, decode, isWantedPacked } from './encoding.ts'
import { doubt, type Outcome, type Transfer } from './transfer.ts'

interface Content {
  readonly size: number
  readonly sha256: Sha256
}

/** All has come: judges it. What was put together of pieces and is wrong is asked for once more, as a whole. */
export async function complete(transfer: Transfer): Promise<Outcome> {
  const { partial, options, url } = transfer
  const { validator = {}, encoding } = partial.note ?? {}
  try {
    const raw = { size: partial.size, sha256: partial.digest() }
    const content = encoding === undefined ? raw : await unpacked(transfer, raw, encoding)
    if (content.size > options.maxSize) throw tooBig(url, options.maxSize, undefined)
    if (options.size !== undefined && content.size !== options.size) throw wrongSize(url, options.size, content.size)
    if (options.sha256 !== undefined && content.sha256 !== options.sha256) {
      throw wrongSum(url, { expected: options.sha256, actual: content.sha256 }, encoding)
    }
    await partial.settle()
    return { ...content, validator }
  } catch (error) {
    if (!(error instanceof LakituError)) throw error
    if (!transfer.joined || transfer.wasWrong) {
      await partial.discard()
      throw error
    }
    transfer.wasWrong = true
    return doubt(transfer)
  }
}

/** Of what the server packed though nobody asked for it, whichever of both has the sum that is wanted. */
async function unpacked({ url, options }: Transfer, raw: Content, encoding: string): Promise<Content> {
  const { sha256, into, maxSize, signal } = options
  if (raw.sha256 === sha256 || !canDecode(encoding)) return raw
  if (sha256 === undefined && isWantedPacked(url, encoding)) return raw
  const beside = `${into}.unpacked`
  const seen = (size: number) => {
    if (size > maxSize) throw tooBig(url, maxSize, undefined)
  }
  try {
    const content = await decode({ from: into, to: beside, encoding, seen, signal })
    if (sha256 !== undefined && content.sha256 !== sha256) return raw
    await rename(beside, into)
    return content
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LakituError || isSystemError(error)) throw error
    if (sha256 !== undefined) return raw
    throw undecodable(url, encoding, error)
  } finally {
    await rm(beside, { force: true })
  }
}
