import { tooBig, wrongSize } from './amiss.ts'
import type { Answer } from './ask.ts'
import { complete } from './complete.ts'
import { Fault } from './errors.ts'
import { contentEncoding, contentLength, contentRange, ifRangeOf, validatorOf } from './headers.ts'
import { addressDigest, type Note } from './partial.ts'
import { notTooSlow } from './too-slow.ts'
import { doubt, type Outcome, type Transfer } from './transfer.ts'

/** The file from its first byte on. */
export async function takeWhole(transfer: Transfer, answer: Answer): Promise<Outcome> {
  const { partial, url } = transfer
  const note = noteOf(url, answer)
  await holdsBounds(transfer, answer, note)
  // Another file than the one that had begun to come: all of it is news.
  if (note.validator.etag !== partial.note?.validator.etag) transfer.furthest = 0
  await partial.begin(note)
  transfer.joined = false
  transfer.doubted = false
  return take(transfer, answer, note.total)
}

/** The file from where it stopped. */
export async function takeRest(transfer: Transfer, answer: Answer): Promise<Outcome> {
  transfer.joined = true
  return take(transfer, answer, transfer.partial.note?.total ?? contentRange(answer.headers)?.total)
}

/** `total`: how long the whole file is, where anybody said so. */
async function take(transfer: Transfer, answer: Answer, total: number | undefined): Promise<Outcome> {
  const { partial, options, url, meter, ticks } = transfer
  const packed = partial.note?.encoding !== undefined
  const { maxSize, size: wanted } = options
  const notTooFew = notTooSlow(ticks)
  const seen = (bytes: number) => {
    const size = partial.size + bytes
    if (size > maxSize) throw tooBig(url, maxSize, total)
    if (!packed && wanted !== undefined && size > wanted) throw wrongSize(url, wanted, size)
    notTooFew(bytes)
    meter.came(bytes, size, packed ? undefined : total)
  }
  try {
    await partial.append(answer.body, seen)
  } catch (error) {
    if (isAmiss(error)) await partial.discard()
    throw error
  }
  if (total !== undefined && partial.size < total) {
    throw new Fault('ECONNRESET', `The answer ended after ${partial.size} of ${total} bytes`)
  }
  // A rest alone can be: Node cuts a body at the length that is announced for it.
  if (total !== undefined && partial.size > total) return doubt(transfer)
  meter.last()
  return complete(transfer)
}

function noteOf(url: string, { headers }: Answer): Note {
  const [ifRange, total, encoding] = [ifRangeOf(headers), contentLength(headers), contentEncoding(headers)]
  return {
    url: addressDigest(url),
    validator: validatorOf(headers),
    ...(ifRange === undefined ? {} : { ifRange }),
    ...(total === undefined ? {} : { total }),
    ...(encoding === undefined ? {} : { encoding }),
  }
}

/** What is announced too big, or of another size than is wanted, does not even begin. */
async function holdsBounds({ url, options, partial }: Transfer, answer: Answer, note: Note): Promise<void> {
  const { total, encoding } = note
  const { maxSize, size } = options
  if (total === undefined) return
  const other = encoding === undefined && size !== undefined && size !== total
  if (total <= maxSize && !other) return
  answer.drop()
  await partial.discard()
  throw other ? wrongSize(url, size, total) : tooBig(url, maxSize, total)
}

function isAmiss(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'E_TOO_BIG' || error.code === 'E_WRONG_SIZE')
}
