import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Running } from '../support/cli.ts'
import { forSeeds, type Random } from '../support/random.ts'
import { processesIn, SmallProject } from '../support/several.ts'

/** How many projects are tried; `ROUNDS=1000` for a night. */
const rounds = Number(process.env['ROUNDS'] ?? 2)
const quietPoints = 2
const stepsBetween = 10

/** One after the other: random things happen while up to three lakitus work. */
async function disturb(project: SmallProject, random: Random): Promise<readonly Running[]> {
  const all: Running[] = []
  const alive = () => all.filter(({ child }) => child.exitCode === null && child.signalCode === null)
  const steps: readonly (() => unknown)[] = [
    () => project.edit(),
    () => project.edit(),
    () => project.edit(),
    () => alive().length > 0 && random.pick(alive()).kill('SIGKILL'),
    () => alive().length > 0 && random.pick(alive()).kill('SIGKILL'),
    () => alive().length > 0 && random.pick(alive()).kill('SIGINT'),
    () => project.regret(),
    () => project.regret(),
    () => random.chance(0.5) && project.editConfig(),
    () => random.chance(0.3) && project.dropCache(),
    () => random.chance(0.6) && project.transplantCache(),
  ]
  for (let step = 0; step < stepsBetween; step += 1) {
    if (alive().length < 3 && random.chance(0.6)) all.push(project.start())
    // The moments between are part of what is tried: a lakitu looks, waits, or has programs running.
    await wait(random.int(random.chance(0.5) ? 60 : 600))
    await random.pick(steps)()
  }
  for (const running of alive()) if (random.chance(0.7)) running.kill('SIGKILL')
  if (random.chance(0.5)) project.edit()
  return all
}

/** One that has the folder for itself must come to what a build from nothing comes to. */
async function expectRight(project: SmallProject): Promise<void> {
  const { cli } = project
  const alone = await cli.run('whole')
  expect(alone.code, `one that runs alone succeeds, but: ${alone.stdout}${alone.stderr}`).toBe(0)
  expect(project.made(), 'what is there is what a build from nothing makes').toEqual(await project.fromNothing())
  expect(await cli.ran('whole'), 'a second run does nothing').toEqual([])
  expect(cli.has('overlaps') ? cli.read('overlaps') : '', 'no task ran twice at a time').toBe('')
  expect(processesIn(cli.root), 'nothing is left running').toEqual([])
}

it(
  'several lakitus that are killed, with edits between, leave a project that one puts right',
  async () => {
    await forSeeds(rounds, async (random) => {
      const project = await SmallProject.make(random)
      for (let quiet = 0; quiet < quietPoints; quiet += 1) {
        const all = await disturb(project, random)
        for (const { ended } of all) {
          const { stdout, stderr } = await ended
          expect(stdout + stderr, 'none breaks down').not.toMatch(/^ +at .*:\d+/m)
        }
        await expectRight(project)
        // Now that every record holds, an edit that is taken back must find nothing else to save it.
        await project.regret()
        await expectRight(project)
        project.keepCache()
      }
    })
  },
  process.env['SEEDS'] === undefined ? rounds * 90_000 : 24 * 3600_000,
)
