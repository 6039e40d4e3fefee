import type { Random } from '../support/random.ts'
import { type EffectSpec, hosts } from './effect-spec.ts'
import type { Machine } from './machine.ts'
import { type ProjectSpec, sources } from './spec.ts'
import type { SimHost, World } from './world.ts'

/** What happens to the world behind lakitu's back, and edits of effects in the config. */
export type WorldEdit =
  | { readonly edit: 'world'; readonly event: WorldEvent; readonly machine: string }
  | { readonly edit: 'blind'; readonly effect: string; readonly on: boolean }
  | { readonly edit: 'effect'; readonly effect: string; readonly change: Partial<EffectSpec> }
  | { readonly edit: 'drop effect'; readonly effect: string }
  /** The one that was dropped last. */
  | { readonly edit: 'put effect back' }
  | { readonly edit: 'rename effect'; readonly effect: string; readonly to: string }

/** `kept` and `rolled back` are of all machines. */
type WorldEvent = 'destroyed' | 'made anew' | 'stopped' | 'kept' | 'rolled back'

const kinds: readonly string[] = ['world', 'blind', 'effect', 'drop effect', 'put effect back', 'rename effect']
const texts = ['v1', 'v2', 'v3'] as const
const events: readonly WorldEvent[] = [
  'destroyed',
  'destroyed',
  'made anew',
  'stopped',
  'stopped',
  'kept',
  'rolled back',
]

export function isWorldEdit(edit: { readonly edit: string }): edit is WorldEdit {
  return kinds.includes(edit.edit)
}

/** What may happen at any moment, also while something runs. */
export function worldEvent(random: Random, effects: readonly EffectSpec[]): WorldEdit {
  const { name, machines } = random.pick(effects)
  if (random.chance(0.2)) return { edit: 'blind', effect: name, on: random.chance(0.7) }
  return { edit: 'world', event: random.pick(events), machine: random.pick([...machines, ...hosts]) }
}

export function effectEdit(random: Random, effects: readonly EffectSpec[]): WorldEdit {
  const effect = random.pick(effects)
  const { name } = effect
  const choice = random.int(10)
  if (choice < 3) return { edit: 'effect', effect: name, change: { salt: random.pick(texts) } }
  if (choice < 4) return { edit: 'effect', effect: name, change: { code: random.pick(texts) } }
  if (choice < 5) return { edit: 'effect', effect: name, change: { reads: [random.pick(sources)] } }
  if (choice < 7 && effect.kind === 'machines') {
    return { edit: 'effect', effect: name, change: { machines: someOf(poolOf(name), random) } }
  }
  if (choice < 8) return { edit: 'drop effect', effect: name }
  if (choice < 9) return { edit: 'put effect back' }
  return { edit: 'rename effect', effect: name, to: `${name}r` }
}

/** The names of machines that one effect may have, whatever it is called meanwhile. */
export function poolOf(effect: string): readonly string[] {
  const number = effect.slice(1, 2)
  return ['a', 'b', 'c'].map((letter) => `m${number}${letter}`)
}

export function someOf<T>(all: readonly T[], random: Random): readonly T[] {
  const some = all.filter(() => random.chance(0.5))
  return some.length > 0 ? some : [random.pick(all)]
}

/** What the edits of effects change beside the world. */
export interface EffectScene {
  spec: ProjectSpec
  dropped: EffectSpec | undefined
}

export function changeWorld(edit: WorldEdit, { world }: Machine, scene: EffectScene): void {
  const { effects = [] } = scene.spec
  switch (edit.edit) {
    case 'world':
      happen(edit.event, edit.machine, world)
      return
    case 'blind':
      if (edit.on) world.blind.add(edit.effect)
      else world.blind.delete(edit.effect)
      return
    case 'effect':
      setEffects(scene, (effect) => (effect.name === edit.effect ? { ...effect, ...edit.change } : effect))
      return
    case 'drop effect':
      scene.dropped = effects.find(({ name }) => name === edit.effect) ?? scene.dropped
      scene.spec = { ...scene.spec, effects: effects.filter(({ name }) => name !== edit.effect) }
      return
    case 'put effect back': {
      const { dropped } = scene
      if (!dropped) return
      scene.dropped = undefined
      // Before those that may stand on it.
      scene.spec = { ...scene.spec, effects: [dropped, ...effects].sort((a, b) => (a.name < b.name ? -1 : 1)) }
      return
    }
    case 'rename effect':
      rename(scene, edit.effect, edit.to)
  }
}

function setEffects(scene: EffectScene, change: (effect: EffectSpec) => EffectSpec): void {
  scene.spec = { ...scene.spec, effects: (scene.spec.effects ?? []).map(change) }
}

/** With all that names it. */
function rename(scene: EffectScene, from: string, to: string): void {
  const now = (name: string) => (name === from ? to : name)
  setEffects(scene, (effect) => ({ ...effect, name: now(effect.name), on: effect.on.map(now) }))
  const tasks = scene.spec.tasks.map((task) => ({
    ...task,
    needs: task.needs.map(now),
    ops: task.ops.map((op) => (op.op === 'value' ? { ...op, of: now(op.of) } : op)),
  }))
  scene.spec = { ...scene.spec, tasks }
}

function happen(event: WorldEvent, name: string, world: World): void {
  const host = world.hosts.get(name)
  const isOurs = !hosts.some((other) => other === name)
  switch (event) {
    case 'destroyed':
      if (isOurs) world.hosts.delete(name)
      return
    case 'made anew':
      if (host) world.add(name, host.by).whole = true
      return
    case 'stopped':
      if (host && isOurs) host.running = false
      return
    case 'kept':
      // In the middle of a change nobody takes a snapshot: no probe could tell what it holds.
      if ([...world.hosts.values()].every(isWhole)) world.kept = copied(world.hosts)
      return
    case 'rolled back':
      for (const [other, old] of world.kept) rollBack(world, other, old)
  }
}

/** Another object, so that a program that works on it notices. What was not there now is not brought back: who undid it cannot know. */
function rollBack({ hosts: now }: World, name: string, old: SimHost): void {
  const host = now.get(name)
  if (host?.id !== old.id) return
  const roles = [...host.roles.keys()].flatMap((effect) => {
    const role = old.roles.get(effect)
    return role ? [[effect, role] as const] : []
  })
  now.set(name, { ...old, by: host.by, roles: new Map(roles) })
}

function isWhole({ whole, roles }: SimHost): boolean {
  return whole && [...roles.values()].every(({ body, mark }) => body === mark)
}

function copied(machines: ReadonlyMap<string, SimHost>): Map<string, SimHost> {
  return new Map([...machines].map(([name, host]) => [name, { ...host, roles: new Map(host.roles) }]))
}
