import type { Random } from '../support/random.ts'
import { type Edit, readBy } from './edits.ts'
import { mayLosePower, type ProjectSpec } from './spec.ts'
import type { RunStep, Step } from './steps.ts'

/** What happens to people again and again, and to chance alone too seldom. */
export function story(random: Random, spec: ProjectSpec): readonly Step[] {
  const path = random.pick(readBy(spec))
  const check = checkStep(random)
  const run: RunStep = { step: 'run', seed: random.int(2 ** 31), jobs: 1 + random.int(3), during: [] }
  const copied = [edit({ edit: 'keep cache' }), edit(write(path)), check, edit({ edit: 'transplant cache' })]
  switch (random.int(4)) {
    case 0:
      return linked(path, check)
    case 1:
      // Killed in the middle of a program, and taken back before that has ended.
      return [edit(write(path)), { ...run, killIn: 1 + random.int(10) }, edit(back(path)), check]
    case 2:
      // It comes while something runs that reads it, and goes long after.
      return [edit(write('src/a')), { ...run, during: [write(path)] }, check, edit(back(path)), check]
    default:
      // A copy of the cache from before does not know what was published since.
      if (!mayLosePower(spec)) return [check, ...copied, edit(back(path)), check]
      return [edit(write(path)), check, { ...run, powerCut: true }, check]
  }
}

/** Who made a link goes on where it leads to. */
function linked(path: string, check: Step): readonly Step[] {
  const target = path === 'src/b' ? 'inc/h1' : 'src/b'
  return [edit({ edit: 'link', path, to: `/p/${target}` }), check, edit(write(target)), check]
}

export function checkStep(random: Random): Step {
  return { step: 'check', seed: random.int(2 ** 31), jobs: 1 + random.int(3) }
}

function edit(what: Edit): Step {
  return { step: 'edit', edit: what }
}

function write(path: string): Edit {
  return { edit: 'write', path, text: 'v5', keepTime: false }
}

function back(path: string): Edit {
  return { edit: 'put back', path, keepTime: false }
}
