/** What an archive may come to; beyond it E_ARCHIVE_UNSAFE, before the disk is full. */
export interface UnpackLimits {
  /** Unpacked bytes; default 8 GiB. */
  readonly maxSize?: number
  /** Members of all kinds; default 200,000. */
  readonly maxMembers?: number
  /** Unpacked bytes for each byte of the archive, counted from 64 MiB unpacked bytes on; default 200. */
  readonly maxRatio?: number
}

export interface UnpackRequest extends UnpackLimits {
  /** Absolute path of a .zip, .tar, .tar.gz, .tar.xz or .tar.zst; its content says which, not its name. */
  readonly archive: string
  /** Absolute: the folder to fill, or the file to write where one `member` is taken. */
  readonly to: string
  readonly member?: string
  /** Mode of the member, such as 0o755. */
  readonly mode?: number
  readonly signal: AbortSignal
}

/**
 * Takes files out of archives. Fails with a `LakituError`: `E_ARCHIVE` (damaged, or of an unknown kind), `E_ARCHIVE_MEMBER`
 * (no such member; the error lists what there is), `E_ARCHIVE_TARGET` (something is there already), `E_ARCHIVE_UNSAFE`
 * (names and links that leave the folder, devices, two members in one place, lies about sizes, more than the limits allow).
 *
 * What is written appears whole (written beside and renamed) or not at all. Modes are those of the archive, without setuid,
 * setgid and sticky, whatever the umask is, and always readable and writable for the owner; without any in the archive
 * 0o644, of folders 0o755. Owners and times are not kept.
 */
export interface Archives {
  /** Absolute paths of the files written. */
  unpack(request: UnpackRequest): Promise<readonly string[]>
}
