import { LakituError } from '../../model/error.ts'
import { shownAddress } from '../../util/addresses.ts'

/** What came is not what was wanted: nothing of it is kept. */

export function wrongSum(
  url: string,
  sums: { readonly expected: string; readonly actual: string },
  encoding: string | undefined,
): LakituError {
  return new LakituError({
    code: 'E_WRONG_SUM',
    headline: 'A downloaded file does not have the sum that it must have; it was thrown away',
    facts: { url: shownAddress(url), ...sums, encoding },
    next: 'Try again; if it stays like this, the file on the server is not what was asked for: use another source.',
  })
}

export function undecodable(url: string, encoding: string, cause: unknown): LakituError {
  return new LakituError({
    code: 'E_WRONG_SUM',
    headline: `A file came packed as ${encoding}, and cannot be unpacked; it was thrown away`,
    facts: { url: shownAddress(url), encoding, reason: cause instanceof Error ? cause.message : String(cause) },
    next: 'Try again; if it stays like this, use another source.',
    cause,
  })
}

export function wrongSize(url: string, expected: number, actual: number): LakituError {
  return new LakituError({
    code: 'E_WRONG_SIZE',
    headline: 'A file does not have the size that it must have; nothing of it was kept',
    facts: { url: shownAddress(url), expected: `${expected} B`, actual: `${actual} B` },
    next: 'Try again; if it stays like this, the file on the server is not what was asked for: use another source.',
  })
}

export function tooBig(url: string, limit: number, announced: number | undefined): LakituError {
  return new LakituError({
    code: 'E_TOO_BIG',
    headline: 'A download is bigger than it may be; it was stopped and thrown away',
    facts: {
      url: shownAddress(url),
      limit: `${limit} B`,
      announced: announced === undefined ? undefined : `${announced} B`,
    },
    next: 'Check the address; if the file is meant to be this big, raise `maxSize`.',
  })
}
