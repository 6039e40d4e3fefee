import type { Sha256 } from '../util/digest.ts'

/** What a server says of a file so that it can be told later whether it is still the same one. */
export interface Validator {
  /** As sent, with its quotes; a weak one (`W/…`) too. */
  readonly etag?: string
  /** The header Last-Modified as sent. */
  readonly lastModified?: string
}

export interface DownloadOptions {
  /**
   * Absolute path that is written to. What an earlier call left there is continued where the server says that it is still the same
   * file, else begun anew; what tells is kept beside it in `<into>.json`. After a failure both stay, unless what came was wrong.
   */
  readonly into: string
  /** The digest of the whole content; where it differs, nothing is left (E_WRONG_SUM). */
  readonly sha256?: Sha256
  /** The size in bytes, where it is known beforehand (E_WRONG_SIZE). */
  readonly size?: number
  /** Most bytes that are taken. */
  readonly maxSize: number
  /** In ms. */
  readonly connectTimeout: number
  /** Longest silence on an open connection, in ms. */
  readonly silenceTimeout: number
  /** Of a copy that is there already: where the server says that it is still the same, nothing is transferred. */
  readonly unless?: Validator
  readonly signal: AbortSignal
  /** `done` counts what an earlier call left too; `rate` is in bytes per second, of this call alone. */
  readonly onProgress: (done: number, total: number | undefined, rate: number) => void
}

export interface Downloaded {
  /** In bytes. */
  readonly size: number
  readonly sha256: Sha256
  readonly validator: Validator
}

/**
 * Reads from web servers. Fails with a `LakituError`: `E_UNREACHABLE` (no connection, or it fell silent; family
 * world), `E_HTTP_STATUS` (world), `E_REDIRECT`, `E_WRONG_SUM`, `E_WRONG_SIZE`, `E_TOO_BIG`.
 */
export interface Http {
  download(url: string, options: DownloadOptions): Promise<Downloaded | 'unchanged'>
  text(url: string, options: { readonly maxSize: number; readonly signal: AbortSignal }): Promise<string>
  /** In bytes, as the server tells it without sending the file; undefined where it does not tell. */
  size(url: string, options: { readonly signal: AbortSignal }): Promise<number | undefined>
}
