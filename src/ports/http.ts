import type { Sha256 } from '../util/digest.ts'

export interface DownloadOptions {
  /** Absolute path; written beside it first, and renamed only when the whole content has arrived and its sum is right. */
  readonly to: string
  readonly sha256?: Sha256
  /** Most bytes that are taken. */
  readonly maxSize: number
  /** In ms. */
  readonly connectTimeout: number
  /** Longest silence on an open connection, in ms. */
  readonly silenceTimeout: number
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number | undefined) => void
}

/**
 * Reads from web servers. Fails with a `LakituError`: `E_UNREACHABLE` (no connection, or it fell silent; family
 * world), `E_HTTP_STATUS` (world), `E_WRONG_SUM`, `E_TOO_BIG`; nothing is left at `to` or beside it.
 */
export interface Http {
  download(url: string, options: DownloadOptions): Promise<{ readonly size: number; readonly sha256: Sha256 }>
  text(url: string, options: { readonly maxSize: number; readonly signal: AbortSignal }): Promise<string>
}
