/** One row of the live tree. */
export interface TreeRow {
  readonly key: string
  readonly title: string
  /** `pending` rows are drawn last; those that ended are written above the others, for good. */
  readonly state: 'pending' | 'running' | 'done' | 'failed' | 'skipped'
  /** Dimmed, after the title. */
  readonly detail?: string
  /** Shown dimmed under the title. */
  output?: string
  /**
   * When it began, in ms since the epoch. A running row shows how long ago that is, and no row is drawn
   * before it is a few tenths of a second old: what is over by then does not flicker.
   */
  readonly since?: number
}

/** A tree of rows that redraws itself in place on a terminal. */
export interface LiveTree {
  /** Adds the row, or puts it in place of the one with its key. A running row is read anew at every drawing. */
  update(row: TreeRow): void
  /** Takes a row away that has not ended. */
  remove(key: string): void
  /** Hands the terminal to a question and comes back. */
  pause<T>(during: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Where text for people goes: one output, and the person in front of it, if there is one. */
export interface Terminal {
  readonly isTerminal: boolean
  readonly columns: number
  readonly colors: boolean
  /** Goes above the tree where one is open. Never throws: text that nobody can read any more is dropped. */
  write(text: string): void
  /** Draws the tree below what was written. */
  tree(): Promise<LiveTree>
  /** A yes-or-no question; `undefined` where nobody can answer. An open tree makes way; an abort is a no. */
  ask(question: string, signal?: AbortSignal): Promise<boolean | undefined>
  /** Hands the terminal to a program, after others that have it; text waits meanwhile. `undefined` where there is none. */
  lend<T>(during: () => Promise<T>): Promise<T> | undefined
  /** Resolves when the terminal itself is gone (its window was closed), not merely a reader. */
  readonly hungUp: Promise<void>
  /** Resolves when all that was written has left the process, or nobody reads it any more. */
  flush(): Promise<void>
}
