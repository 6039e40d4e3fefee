import { effect, files, type Inputs, input, type ProbeContext, undo, value } from '../../src/index.ts'
import type { FactValue } from '../../src/model/facts.ts'
import type { AnyTask } from '../../src/model/task.ts'
import { type EffectSpec, isUsed, wordsOf } from './effect-spec.ts'
import { root } from './spec.ts'
import type { Order, World } from './world.ts'

type Made = ReadonlyMap<string, AnyTask>

/** What a config would declare; tasks that it uses are made already. */
export function effectTask(spec: EffectSpec, made: Made, world: World): AnyTask {
  const { name, kind, converges } = spec
  const needs = Object.fromEntries(spec.on.flatMap((other) => pair(other, made)))
  const uses = spec.uses.flatMap((other) => made.get(other) ?? []).filter(makesFiles)
  const inputs: Inputs = {
    machines: value(spec.machines),
    salt: value(spec.salt),
    read: files(...spec.reads),
    ...(uses.length > 0 ? { used: input(uses) } : {}),
  }
  return effect<FactValue, Readonly<Record<string, AnyTask>>, Inputs>(name, {
    needs,
    inputs,
    converges,
    settle: 1500,
    probe: async (context) => {
      const order: Order = { kind, machines: wantedBy(context) }
      const { stdout } = await context.exec('world', ['look', name, JSON.stringify(order)])
      return JSON.parse(stdout)
    },
    run: async (context) => {
      const { exec, note, previous } = context
      world.began(name, declared(context.inputs))
      const machines = wantedBy(context)
      for (const machine of machines) await note(machine, true)
      const used = ((context.inputs['used'] ?? []) as readonly string[]).filter(isUsed)
      const reads = [...spec.reads, ...used].map((path) => `${root}/${path}`)
      const order: Order = { machines, say: wordsOf(spec), reads, flaps: spec.flaps }
      await exec('world', [kind === 'machines' ? 'make' : 'role', name, JSON.stringify(order)])
      const left = Object.keys(previous?.notes ?? {}).filter((machine) => !machines.includes(machine))
      await takeAway(spec, left, context)
    },
    undo: async (context) => {
      world.handed(name, declared(context.recorded.inputs))
      await takeAway(spec, Object.keys(context.recorded.notes), context)
    },
  })
}

/** Undoes those that need no other effect, and with them all that do. */
export function destroyTask(effects: readonly EffectSpec[], made: Made): AnyTask {
  const first = effects.filter(({ on }) => !on.some((other) => made.has(other)))
  return undo(
    'destroy',
    first.flatMap(({ name }) => made.get(name) ?? []),
  )
}

function pair(name: string, made: Made): readonly (readonly [string, AnyTask])[] {
  const task = made.get(name)
  return task ? [[name, task]] : []
}

function makesFiles({ definition }: AnyTask): boolean {
  const { action, outputs } = definition
  return outputs.length > 0 || (action.kind === 'command' && action.words.some((w) => typeof w !== 'string'))
}

function wantedBy({ inputs, needs }: Pick<ProbeContext, 'inputs' | 'needs'>): readonly string[] {
  const others = Object.values(needs).flatMap((seen) => Object.keys((seen ?? {}) as object))
  return [...(inputs['machines'] as readonly string[]), ...others]
}

function declared(inputs: Readonly<Record<string, unknown>>): unknown {
  return [inputs['machines'], inputs['salt']]
}

type Doing = Pick<Parameters<NonNullable<Parameters<typeof effect>[1]['undo']>>[0], 'exec' | 'note'>

async function takeAway({ name, kind }: EffectSpec, machines: readonly string[], { exec, note }: Doing): Promise<void> {
  for (const machine of machines) {
    const order: Order = { machines: [machine] }
    await exec('world', [kind === 'machines' ? 'destroy' : 'unrole', name, JSON.stringify(order)])
    await note(machine, null)
  }
}
