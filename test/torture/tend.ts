import { accept } from '../../src/engine/accept.ts'
import { abandoned, forget } from '../../src/engine/forget.ts'
import type { Project } from '../../src/engine/project.ts'
import { select } from '../../src/graph/select.ts'
import { LakituError } from '../../src/model/error.ts'
import type { Ending } from '../../src/model/event.ts'
import type { Machine } from './machine.ts'
import { noTrouble } from './machine.ts'
import type { Expected } from './oracle.ts'
import type { Step } from './steps.ts'
import { Violation } from './violation.ts'
import type { WorldOracle } from './world-oracle.ts'

/** What the steps need that look after effects. */
export interface Tended {
  readonly machine: Machine
  readonly effects: WorldOracle
  open(): Project
  /** A run in peace. */
  quiet(
    jobs: number,
    targets: readonly string[],
  ): Promise<{
    readonly outcome: string
    readonly started: readonly string[]
    readonly told: readonly string[]
    readonly endings: ReadonlyMap<string, Ending>
  }>
  built(): Expected
}

export type TendStep = Exclude<Step, { step: 'edit' | 'run' | 'check' }>

const writer = { command: 'test', pid: 1, wait: true }

/** Undoes all effects, forgets those that are gone from the config, or accepts one; with its oracle. */
export async function tend(step: TendStep, tended: Tended): Promise<void> {
  switch (step.step) {
    case 'destroy':
      return destroy(step.jobs, tended)
    case 'forget':
      return forgetAbandoned(tended)
    case 'accept':
      return acceptOne(step.effect, tended)
  }
}

async function destroy(jobs: number, tended: Tended): Promise<void> {
  const { machine, effects } = tended
  if (effects.effects.length === 0) return
  const ran = await tended.quiet(jobs, ['destroy'])
  const ending = ran.endings.get('destroy')
  if (effects.recordsLost && ending?.state === 'failed' && ending.error.code === 'E_RECORD_LOST') return
  if (ran.outcome !== 'done') throw new Violation(`destroy: ${ran.outcome}: ${ran.told.join('; ')}`)
  const error = effects.judgeDestroyed(await gone(tended))
  if (error !== undefined) throw new Violation(error)
  const { changes } = machine.world
  await tended.quiet(jobs, ['destroy'])
  if (machine.world.changes !== changes) throw new Violation('a second destroy changed the world')
}

/** What lakitu names as left by effects that are gone from the config. */
async function gone(tended: Tended): Promise<readonly string[]> {
  return (await tended.machine.drive(noTrouble, async () => abandoned(tended.open()))) ?? []
}

async function forgetAbandoned(tended: Tended): Promise<void> {
  const { machine } = tended
  const names = await gone(tended)
  if (names.length === 0) return
  await machine.drive(noTrouble, (signal) => forget(tended.open(), names, writer, signal))
  const still = await gone(tended)
  if (still.length > 0) throw new Violation(`still known after forget: ${still.join(', ')}`)
  machine.world.disown(names)
  for (const name of names) machine.world.owed.delete(name)
}

/** A person accepts only where the world is as the config wants it. */
async function acceptOne(name: string, tended: Tended): Promise<void> {
  const { machine, effects } = tended
  const effect = effects.effects.find((one) => one.name === name)
  const { disk } = tended.built()
  if (!effect || !machine.isQuiet || effects.cannotEndWell(disk) || effects.wrongWith(effect, disk).length > 0) return
  const accepted = await machine.drive(noTrouble, async (signal) => {
    const project = tended.open()
    try {
      return await accept(project, select(project.graph, [name]), writer, signal)
    } catch (error) {
      // A need is not fresh, a probe does not answer.
      if (error instanceof LakituError) return undefined
      throw error
    }
  })
  if (!accepted) return
  machine.world.owed.delete(name)
  effects.ranInTrouble([name], false)
  const { started, told } = await tended.quiet(1, [name])
  if (started.length > 0) throw new Violation(`accepted, and it ran: ${told.join('; ')}`)
}
