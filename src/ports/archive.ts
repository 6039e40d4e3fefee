export interface UnpackRequest {
  /** Absolute path of a .zip, .tar, .tar.gz or .tgz. */
  readonly archive: string
  /** Absolute: the folder to fill, or the file to write where one `member` is taken. */
  readonly to: string
  readonly member?: string
  /** Mode of the member, such as 0o755. */
  readonly mode?: number
  readonly signal: AbortSignal
}

/**
 * Takes files out of archives. Names with `..`, absolute names and links that leave the folder are refused. Fails with
 * a `LakituError`: `E_ARCHIVE` (damaged, or of an unknown kind), `E_ARCHIVE_MEMBER` (no such member; the error lists what there is),
 * `E_ARCHIVE_UNSAFE`. What is written appears whole (written beside and renamed) or not at all.
 */
export interface Archives {
  /** Absolute paths of the files written. */
  unpack(request: UnpackRequest): Promise<readonly string[]>
}
