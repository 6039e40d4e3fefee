import { LakituError } from '../model/error.ts'
import type { TreePath } from '../util/paths.ts'
import type { Makers } from './outputs.ts'

/** A look at the disk while the config loaded. */
export interface Observed {
  /** As it was called: `glob(src/*.c)`. */
  readonly call: string
  /** `file:line` of the call. */
  readonly site: string
  /** What it found. */
  readonly paths: readonly TreePath[]
}

/** What a task makes is not there, or not yet right, while the config loads. Error: E_GLOB_OUTPUT, with both places. */
export function checkObserved(observed: readonly Observed[], makers: Makers): void {
  for (const { call, site, paths } of observed) {
    for (const path of paths) {
      const maker = makers.makerOf(path)
      if (!maker) continue
      throw new LakituError({
        code: 'E_GLOB_OUTPUT',
        headline: `${call} matched ${path}, which task ${maker.name} makes`,
        facts: { glob: site, [maker.name]: maker.definition.site },
        next: `Keep it out with a pattern that begins with !, and name the task ${maker.name} where it is needed.`,
        family: 'usage',
      })
    }
  }
}
