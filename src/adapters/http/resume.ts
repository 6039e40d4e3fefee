import type { DownloadOptions } from '../../ports/http.ts'
import type { Answer } from './ask.ts'
import { contentEncoding, contentRange, validatorOf } from './headers.ts'
import type { Note } from './partial.ts'

/** Whether what is there can be continued at all: something must prove that the rest belongs to it, in advance or at the end. */
export function mayGoOn(note: Note, { sha256 }: DownloadOptions): boolean {
  return note.encoding === undefined && (note.ifRange !== undefined || sha256 !== undefined)
}

/** Whether a 206 is the rest of the file that has begun to come. */
export function continues(answer: Answer, note: Note, from: number, { sha256 }: DownloadOptions): boolean {
  const range = contentRange(answer.headers)
  if (range?.first !== from || (note.total !== undefined && range.total !== note.total)) return false
  if (contentEncoding(answer.headers) !== undefined || !isSame(answer, note)) return false
  // Without a sum nothing comes later that would tell two versions, or a part and the whole, apart.
  return sha256 !== undefined || (range.total !== undefined && isProved(answer, note))
}

/** Whether a 416 says that nothing is missing. */
export function isWhole(answer: Answer, note: Note, from: number, { sha256 }: DownloadOptions): boolean {
  if (!isSame(answer, note)) return false
  // The sum has the last word; without one both of what the server said must be so.
  return sha256 !== undefined || (note.total === from && contentRange(answer.headers)?.total === from)
}

/** Whether it says of itself what If-Range asked for: some servers do not know that header, and send a part of whatever is there now. */
function isProved(answer: Answer, { ifRange }: Note): boolean {
  const { etag, lastModified } = validatorOf(answer.headers)
  return ifRange !== undefined && (etag === ifRange || lastModified === ifRange)
}

/** Whether nothing that the answer says tells another file. */
function isSame(answer: Answer, { validator }: Note): boolean {
  const now = validatorOf(answer.headers)
  if (now.etag !== undefined && validator.etag !== undefined) return now.etag === validator.etag
  return (
    now.lastModified === undefined ||
    validator.lastModified === undefined ||
    now.lastModified === validator.lastModified
  )
}
