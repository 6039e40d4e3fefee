import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { Running } from '../support/cli.ts'
import { random } from '../support/random.ts'
import { type StormProject, stormProject } from '../support/storm.ts'
import { until } from '../support/until.ts'
import { eventsOf, isIdle, stop } from '../support/watching.ts'

const edits = Number(process.env['STORM'] ?? 500)
const seed = Number(process.env['SEED'] ?? 1)

/** Most ms before a step of the fake Ansible, so that edits and kills come in the middle of a run. */
const pause = '12'

function watch({ project }: StormProject): Running {
  return project.start(['watch', 'applied', '--output', 'ndjson'], { FAKE_PAUSE: pause })
}

function isHealthy(events: readonly Event[]): boolean {
  const last = events.findLast((event) => event.type === 'watch-idle')
  return last?.type === 'watch-idle' && last.healthy
}

test('after a storm of edits, reverts, renames and kills the hosts hold what the whole playbook makes of the last sources', {
  timeout: 600_000,
}, async () => {
  const chance = random(seed)
  const storm = await stormProject(chance)
  const all: Event[] = []
  let running = watch(storm)
  let kills = 0
  for (let count = 0; count < edits; count += 1) {
    storm.edit()
    // The pace of the storm: often too fast for a run, sometimes slow enough for one.
    if (chance.chance(0.6)) await sleep(chance.int(chance.chance(0.1) ? 1500 : 120))
    if (!chance.chance(0.03)) continue
    kills += 1
    running.kill('SIGKILL')
    await running.ended
    all.push(...eventsOf(running))
    running = watch(storm)
  }
  storm.calm('the last edit')
  const isThere = () => storm.world()['a/web/main']?.includes('the last edit') === true
  const isOver = () => isThere() && isIdle(running) && isHealthy(eventsOf(running))
  await until('the last edit on the hosts', isOver, 60_000).catch((error: unknown) => {
    throw new Error(`SEED=${seed}: ${running.stdout().split('\n').slice(-12).join('\n')}`, { cause: error })
  })
  all.push(...eventsOf(running))
  await stop(running)
  expect(storm.world(), `SEED=${seed}`).toEqual(storm.whole())
  const { ran } = await storm.project.events('applied')
  expect(ran).toEqual([])
  const said = all.flatMap((event) => (event.type === 'task-log' ? [event.line] : []))
  const plans = said.filter((line) => / on a|nothing to apply/.test(line) && !line.includes('→'))
  const parts = plans.filter((line) => !/whole playbook|nothing/.test(line)).length
  console.log(`${edits} edits, ${kills} kills, ${plans.length} applies, ${parts} of them a part`)
  expect(parts).toBeGreaterThan(edits / 50)
})
