import type { Random } from '../support/random.ts'
import { type EffectSpec, hosts } from './effect-spec.ts'
import { mayLosePower, outputsOf, type ProjectSpec, sources, type TaskSpec } from './spec.ts'
import type { Case, RunStep, Step } from './steps.ts'
import { checkStep } from './stories.ts'
import { effectEdit, poolOf, someOf, worldEvent } from './world-edits.ts'

/** The case with effects in its config, events in its world, and steps that undo them. */
export function withEffects(found: Case, random: Random): Case {
  const spec = specWith(found.spec, random)
  const { effects = [] } = spec
  const steps = found.steps.map((step) => (step.step === 'run' ? withEvents(step, effects, random) : step))
  for (let n = 2 + random.int(5); n > 0; n -= 1) {
    const edit = random.chance(0.6) ? worldEvent(random, effects) : effectEdit(random, effects)
    steps.splice(random.int(steps.length + 1), 0, { step: 'edit', edit })
  }
  for (let n = random.int(4); n > 0; n -= 1) {
    steps.splice(random.int(steps.length + 1), 0, ...undoing(spec, random))
  }
  for (let n = random.int(3); n > 0; n -= 1) {
    steps.splice(1 + random.int(steps.length), 0, ...begunInVain(spec, random))
  }
  if (random.chance(0.6)) steps.push(troubledDestroy(spec, random), destroyStep(random))
  if (random.chance(0.5)) steps.push(checkStep(random))
  return { ...found, spec, steps }
}

function undoing(spec: ProjectSpec, random: Random): readonly Step[] {
  const seed = random.int(2 ** 31)
  const choice = random.int(8)
  if (choice < 1) return [{ step: 'forget', seed, jobs: 1 }]
  if (choice < 2) return [{ step: 'accept', seed, jobs: 1, effect: random.pick(spec.effects ?? []).name }]
  if (choice < 4) return [troubledDestroy(spec, random), checkStep(random)]
  if (choice < 6) return [troubledDestroy(spec, random), destroyStep(random)]
  return [destroyStep(random)]
}

/** An effect has to run, does not come to its end, and then its cause is gone again. */
function begunInVain(spec: ProjectSpec, random: Random): readonly Step[] {
  const { name, kind, machines, salt } = random.pick(spec.effects ?? [])
  const salted = (text: string): Step => ({
    step: 'edit',
    edit: { edit: 'effect', effect: name, change: { salt: text } },
  })
  const stopped: Step = {
    step: 'edit',
    edit: { edit: 'world', event: 'stopped', machine: random.pick([...machines, ...hosts]) },
  }
  const cause = kind === 'machines' && random.chance(0.6) ? [stopped] : [salted('v4')]
  return [...cause, troubled(spec, random, 150), salted(salt)]
}

function destroyStep(random: Random): Step {
  return { step: 'destroy', seed: random.int(2 ** 31), jobs: 1 + random.int(3) }
}

function troubledDestroy(spec: ProjectSpec, random: Random): RunStep {
  return { ...troubled(spec, random, 120), destroys: true }
}

function troubled(spec: ProjectSpec, random: Random, most: number): RunStep {
  const at = 1 + random.int(random.pick([60, most]))
  const base = { step: 'run', seed: random.int(2 ** 31), jobs: 1 + random.int(3), during: [] } as const
  return random.pick([
    { ...base, killAt: at },
    { ...base, killIn: 1 + random.int(12) },
    { ...base, killIn: 1 + random.int(30) },
    { ...base, killIn: 1 + random.int(20), powerCut: mayLosePower(spec) },
    { ...base, stopAt: at },
    { ...base, fault: { code: random.pick(['ENOSPC', 'EIO'] as const), from: at, calls: 1 + random.int(30) } },
  ])
}

function withEvents(step: RunStep, effects: readonly EffectSpec[], random: Random): RunStep {
  const events = Array.from({ length: Math.max(0, random.int(4) - 1) }, () => worldEvent(random, effects))
  return { ...step, during: [...step.during, ...events] }
}

/** Tasks up to some point are used by effects, those behind it use what effects answer: nothing goes round in a circle. */
function specWith(spec: ProjectSpec, random: Random): ProjectSpec {
  const border = random.int(spec.tasks.length + 1)
  const effects: EffectSpec[] = []
  const count = 1 + random.int(3)
  const usable = spec.tasks.slice(0, border)
  while (effects.length < count) effects.push(makeEffect(effects, usable, random))
  const tasks = spec.tasks.map((task, n) => (n >= border ? askingFor(task, effects, random) : task))
  return { ...spec, tasks, effects }
}

function askingFor(task: TaskSpec, effects: readonly EffectSpec[], random: Random): TaskSpec {
  if (task.kind !== 'function' || random.chance(0.4)) return task
  const { name } = random.pick(effects)
  return { ...task, needs: [...task.needs, name], ops: [{ op: 'value', of: name }, ...task.ops] }
}

function makeEffect(before: readonly EffectSpec[], usable: readonly TaskSpec[], random: Random): EffectSpec {
  const n = before.length
  const name = `e${n}`
  const makers = before.filter(({ kind }) => kind === 'machines')
  const kind = n > 0 && random.chance(0.7) ? 'roles' : 'machines'
  const on = kind === 'roles' ? makers.filter(() => random.chance(0.8)).map((maker) => maker.name) : []
  const isOnHosts = kind === 'roles' && (on.length === 0 || random.chance(0.3))
  return {
    name,
    kind,
    machines: kind === 'machines' ? someOf(poolOf(name), random) : isOnHosts ? hosts : [],
    on,
    reads: random.chance(0.6) ? [random.pick(sources)] : [],
    uses: usable.filter((task) => outputsOf(task).length > 0 && random.chance(0.3)).map((task) => task.name),
    salt: 'v1',
    code: 'v1',
    converges: random.chance(0.5),
    flaps: random.chance(0.3) ? 1 + random.int(3) : 0,
  }
}

/** Cases with less of their effects, for shrinking. */
export function* withLessEffects(found: Case): Generator<Case> {
  const { effects = [] } = found.spec
  const having = (less: readonly EffectSpec[]): Case => {
    const { effects: _all, ...others } = found.spec
    return { ...found, spec: less.length > 0 ? { ...others, effects: less } : others }
  }
  for (let n = effects.length - 1; n >= 0; n -= 1) yield having(effects.toSpliced(n, 1))
  for (const [n, effect] of effects.entries())
    for (const less of lessOf(effect)) yield having(effects.with(n, { ...effect, ...less }))
}

function* lessOf({ machines, on, reads, uses, flaps }: EffectSpec): Generator<Partial<EffectSpec>> {
  if (flaps > 0) yield { flaps: 0 }
  if (reads.length > 0) yield { reads: [] }
  for (let n = 0; n < uses.length; n += 1) yield { uses: uses.toSpliced(n, 1) }
  for (let n = 0; n < on.length; n += 1) yield { on: on.toSpliced(n, 1) }
  for (let n = 0; machines.length > 1 && n < machines.length; n += 1) yield { machines: machines.toSpliced(n, 1) }
}
