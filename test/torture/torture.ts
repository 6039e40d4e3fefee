/**
 * `npm run torture -- --seeds 10000 [--from 0] [--jobs 4]`: simulated builds with edits inside runs, crashes at any call and
 * power cuts, on all cores. Prints the seed and the shortest case of what fails; exits 1 where something did.
 */
import { parseArgs } from 'node:util'
import { random } from '../support/random.ts'
import { makeCase } from './case.ts'
import { playSeeds } from './seeds.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '0' },
    /** Stops after so many seeds that failed. */
    most: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    'no-shrink': { type: 'boolean', default: false },
  },
})

const [seeds, from, most, jobs] = [values.seeds, values.from, values.most, values.jobs ?? 1].map(Number)
if (seeds === undefined || from === undefined || !(seeds >= 0) || !(from >= 0) || !(jobs && jobs >= 1)) {
  process.stderr.write('usage: torture --seeds <number> [--from <number>] [--jobs <number>]\n')
  process.exit(2)
}

const started = performance.now()
const used = process.cpuUsage()
const on = values.jobs === undefined ? {} : { jobs }
const { played, runs, calls, failed } = await playSeeds({ from, to: from + seeds, most: most ?? 1, ...on })
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(used)
for (const { seed, why } of failed) {
  process.stdout.write(`seed ${seed}: ${why}\n`)
  if (values['no-shrink']) continue
  const least = await shrink(makeCase(random(seed)))
  process.stdout.write(`${least.why}\n${JSON.stringify(least.case, null, 1)}\n`)
}
const pace = Math.round((played / seconds) * 60)
const each = (user + system) / 1000 / Math.max(1, played)
process.stdout.write(
  `${played} seeds, ${runs} runs, ${calls} calls of the disk and the processes in ${seconds.toFixed(1)} s (${pace} seeds a minute, ${each.toFixed(1)} ms of a processor for each): ${failed.length} failed\n`,
)
process.exitCode = failed.length === 0 ? 0 : 1
