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
  /** The one writer of the work tree whose state is in this folder; undefined where somebody else is. Error: E_LOCK_DAMAGED. */
  take(folder: string, owner: LockOwner): HeldLock | undefined
  /** Who holds the lock, as far as it said; only for words. */
  owner(folder: string): LockOwner | undefined
}
