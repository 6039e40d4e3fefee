import type { LiveTree, Terminal, TreeRow } from '../ports/terminal.ts'

/** The live tree of one run, usable at once: what comes before the terminal has opened it waits until then. */
export class Canvas {
  private tree: LiveTree | undefined
  private waiting: ((tree: LiveTree) => void)[] = []
  private readonly opened: Promise<void>
  private closing: Promise<void> | undefined

  /** `after`: the run before this one, whose tree is to be gone first. */
  constructor(terminal: Terminal, after?: Canvas) {
    this.opened = (async () => {
      await after?.close()
      const tree = await terminal.tree()
      this.tree = tree
      for (const act of this.waiting) act(tree)
      this.waiting = []
    })()
  }

  /** Shows the row from now on, as it is at each time of drawing. */
  show(row: TreeRow): void {
    this.act((tree) => tree.update(row))
  }

  remove(key: string): void {
    this.act((tree) => tree.remove(key))
  }

  close(): Promise<void> {
    this.closing ??= this.opened.then(() => this.tree?.close())
    return this.closing
  }

  private act(act: (tree: LiveTree) => void): void {
    if (this.tree) act(this.tree)
    else this.waiting.push(act)
  }
}
