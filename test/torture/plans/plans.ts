/** `node --conditions=lakitu-source test/torture/plans/plans.ts [--seeds 2000] [--from 0] [--most 1] [--counts]`: random roles, edits and mishaps against a slow oracle. */
import { parseArgs } from 'node:util'
import { random } from '../../support/random.ts'
import { Violation } from '../violation.ts'
import { type Counts, Story } from './play.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '0' },
    /** Ends after so many failures. */
    most: { type: 'string', default: '1' },
    /** Also prints which edits had which plans. */
    counts: { type: 'boolean', default: false },
    /** Means nothing here: `faults.ts` gives them to all its programs. */
    jobs: { type: 'string' },
    'no-shrink': { type: 'boolean' },
  },
})
const [seeds = 0, from = 0, most = 1] = [values.seeds, values.from, values.most].map(Number)
const started = performance.now()
const cpu = process.cpuUsage()
const counts: Counts = new Map()
let [failed, played] = [0, 0]
for (let seed = from; seed < from + seeds && failed < most; seed += 1) {
  played += 1
  try {
    await new Story(random(seed), counts).play(2)
  } catch (error) {
    failed += 1
    const what = error instanceof Violation ? error.message : error instanceof Error ? error.stack : error
    process.stdout.write(`seed ${seed}: ${String(what)}\n`)
  }
}
if (values.counts) for (const [what, count] of [...counts].sort()) process.stdout.write(`${what} ${count}\n`)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
const ms = (process.cpuUsage(cpu).user / 1000 / played).toFixed(1)
process.stdout.write(`${played} seeds in ${seconds} s, ${ms} ms of a core each: ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
