/** A known fault, as a piece of the source and what stands there instead. */
export interface Fault {
  readonly name: string
  /** What looks for it, below `test/torture`; default `torture.ts`. */
  readonly program?: string
  /** Below `src`. */
  readonly file: string
  readonly right: string
  readonly wrong: string
  /** Seeds, from 0 on, of which one must find it. */
  readonly within: number
}
