export interface LockOwner {
  readonly pid: number
  /** What it was told to do. */
  readonly command: string
  /** Since when, in ms since the epoch. */
  readonly since: number
}

export interface HeldLock {
  release(): void
}

/** Locks that are free at once when their owner dies, however it dies: nothing is judged by age or pid. */
export interface Locks {
  /**
   * The lock of this folder, which is made where it is not there; undefined where somebody else has it. Who has that of `.lakitu` is
   * the one writer of the work tree. Error: E_LOCK_DAMAGED.
   */
  take(folder: string, owner: LockOwner): HeldLock | undefined
  /** Who holds the lock, as far as it said; only for words. */
  owner(folder: string): LockOwner | undefined
}
