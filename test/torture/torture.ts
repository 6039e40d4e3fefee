/**
 * `npm run torture -- --seeds 10000 [--from 0]`: simulated builds with edits inside runs, crashes at any call and power cuts.
 * Prints the seed and the shortest case of what fails; exits 1 where something did.
 */
import { parseArgs } from 'node:util'
import { random } from '../support/random.ts'
import { makeCase } from './case.ts'
import { play, Violation } from './play.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    /** Stops after so many seeds that failed. */
    most: { type: 'string', default: '1' },
    'no-shrink': { type: 'boolean', default: false },
  },
})

const [seeds, from, most] = [values.seeds, values.from, values.most].map(Number)
if (seeds === undefined || from === undefined || !(seeds >= 0) || !(from >= 0)) {
  process.stderr.write('usage: torture --seeds <number> [--from <number>]\n')
  process.exit(2)
}

const started = performance.now()
let [played, runs, calls, failed] = [0, 0, 0, 0]
for (let seed = from; seed < from + seeds && failed < (most ?? 1); seed += 1) {
  const found = makeCase(random(seed))
  played += 1
  try {
    const done = await play(found)
    runs += done.runs
    calls += done.calls
  } catch (error) {
    failed += 1
    const text = error instanceof Violation ? error.message : error instanceof Error ? error.stack : String(error)
    process.stdout.write(`seed ${seed}: ${text}\n`)
    if (values['no-shrink']) continue
    const least = await shrink(found)
    process.stdout.write(`${least.why}\n${JSON.stringify(least.case, null, 1)}\n`)
  }
}
const seconds = (performance.now() - started) / 1000
const pace = Math.round((played / seconds) * 60)
process.stdout.write(
  `${played} seeds, ${runs} runs, ${calls} calls of the disk and the processes in ${seconds.toFixed(1)} s (${pace} seeds a minute): ${failed} failed\n`,
)
process.exitCode = failed === 0 ? 0 : 1
