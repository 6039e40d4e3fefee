/** One row of the live tree. */
export interface TreeRow {
  readonly key: string
  title: string
  state: 'pending' | 'running' | 'done' | 'failed' | 'skipped'
  /** Shown dimmed under the title while it runs. */
  output?: string
}

/** A tree of rows that redraws itself in place on a terminal. */
export interface LiveTree {
  /** Adds the row, or redraws it. */
  update(row: TreeRow): void
  /** Hands the terminal to a question and comes back. */
  pause<T>(during: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Where text for people goes. */
export interface Terminal {
  readonly isTerminal: boolean
  readonly columns: number
  readonly colors: boolean
  write(text: string): void
  /** Draws the tree below what was written. */
  tree(): Promise<LiveTree>
  /** A yes-or-no question; `undefined` where nobody can answer. */
  ask(question: string): Promise<boolean | undefined>
}
