/** So many lines are held back for a task at most; then they come out, for memory has an end. */
const mostHeld = 5000

/**
 * Keeps the lines of tasks that run at the same time together: one task at a time is in front and prints as it goes,
 * the others wait until it ends, or come out as one block when they end themselves.
 */
export class Groups {
  private front: string | undefined
  private readonly held = new Map<string, string[]>()

  /** Takes a line of the task and answers what is to be printed now. */
  line(task: string, text: string): readonly string[] {
    this.front ??= task
    if (task === this.front) return [text]
    const lines = this.held.get(task) ?? []
    lines.push(text)
    if (lines.length < mostHeld) this.held.set(task, lines)
    else this.held.delete(task)
    return lines.length < mostHeld ? [] : lines
  }

  /** The task ends, with this last line. */
  end(task: string, text: string): readonly string[] {
    const own = [...(this.held.get(task) ?? []), text]
    this.held.delete(task)
    if (task !== this.front) return own
    const [next] = this.held
    this.front = next?.[0]
    if (next) this.held.delete(next[0])
    return [...own, ...(next?.[1] ?? [])]
  }

  /** The run ends: what is still held back. */
  rest(): readonly string[] {
    const lines = [...this.held.values()].flat()
    this.held.clear()
    this.front = undefined
    return lines
  }
}
