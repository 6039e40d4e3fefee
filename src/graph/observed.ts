import { LakituError } from '../model/error.ts'
import type { TreePath } from '../util/paths.ts'
import type { Makers } from './outputs.ts'

/** A look at the disk while the config loaded. */
export interface Observed {
  readonly isGlob: boolean
  /** As it was called: `glob(src/*.c)`. */
  readonly call: string
  /** `file:line` of the call. */
  readonly site: string
  /** What it found. */
  readonly paths: readonly TreePath[]
}

/** What a task makes is not there, or not yet right, while the config loads. Error: E_LOADS_OUTPUT, with both places. */
export function checkObserved(observed: readonly Observed[], makers: Makers): void {
  for (const { call, site, paths, isGlob } of observed) {
    for (const path of paths) {
      const maker = makers.makerOf(path)
      if (!maker) continue
      throw new LakituError({
        code: 'E_LOADS_OUTPUT',
        headline: `${call} found ${path} while the config loaded, and task ${maker.name} makes it`,
        facts: { called: site, [maker.name]: maker.definition.site },
        next: isGlob
          ? `Keep it out with a pattern that begins with !, and name the task ${maker.name} where it is needed.`
          : `Let a task that needs ${maker.name} read it.`,
        family: 'usage',
      })
    }
  }
}
