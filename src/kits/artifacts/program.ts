/** Which program is wanted, as a cluster's specification says it. */
export interface BinarySpec {
  /** Such as `2.0.4`; or a range, such as `2.0.x`, and the lock says which version that is. */
  readonly version: string
  /** What happens when no source has it; default 'fail'. */
  readonly ifUnavailable?: 'fail' | 'leave out' | undefined
  /** The program itself or the archive of a release, absolute or relative to the root, instead of all other sources. */
  readonly file?: string | undefined
  /**
   * Of `file` where it is given, else of the release's archive for this machine's architecture: 64 hex digits. It pins that by itself, before the
   * lock, and no signature is asked for.
   */
  readonly sha256?: string | undefined
}

/** The value of the task: what was got, and who served it. */
export interface Binary {
  readonly product: string
  /** As the program tells it, else the source: a distribution's package may be of another version than was asked for. */
  readonly version: string
  /** Relative to the project's root: the program, or the folder of the CNI plugins. */
  readonly path: string
  /** Of the program; of a folder that of the list of its files and their sums, as `sha256sum *` writes it. */
  readonly sha256: string
}
