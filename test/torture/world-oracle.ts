import { readFrames } from '../../src/state/frames.ts'
import { sha256 } from '../../src/util/digest.ts'
import type { Scene } from './edits.ts'
import { type EffectSpec, isUsed, machinesOf, wordsOf } from './effect-spec.ts'
import type { Machine } from './machine.ts'
import { pictureOf } from './oracle.ts'
import { textOf } from './program.ts'
import type { SimDisk } from './sim-disk.ts'
import { outputsOf, root } from './spec.ts'
import { modulePath } from './tasks.ts'
import { mixed, type SimHost } from './world.ts'

interface Known {
  /** All that may matter to the effect, in one text. */
  readonly facts: string
  /** What its probe saw. */
  readonly view: string
}

/** Knows what the world must be, and what must not run, by an obvious way. */
export class WorldOracle {
  /** A power cut damaged the journal of effects: what they did may be lost, and lakitu has to say so. */
  recordsLost = false
  private readonly machine: Machine
  private readonly scene: Scene
  /** Of effects whose last success was seen in peace. */
  private readonly known = new Map<string, Known>()
  private views = new Map<string, string>()

  constructor(machine: Machine, scene: Scene) {
    this.machine = machine
    this.scene = scene
  }

  get effects(): readonly EffectSpec[] {
    return this.scene.spec.effects ?? []
  }

  /** What tasks get that need an effect. */
  values(): ReadonlyMap<string, unknown> {
    return new Map(this.effects.map((effect) => [effect.name, this.answer(effect)]))
  }

  /** All of the world, in one text. */
  picture(): string {
    return pictureText([...this.machine.world.hosts])
  }

  /** Before a run in peace. */
  look(): void {
    this.views = new Map(this.effects.map((effect) => [effect.name, this.view(effect)]))
  }

  /** What ran while things went wrong may have a record of anything; `undefined`: nobody knows what ran. `mayLackEnds`: calls failed. */
  ranInTrouble(started: readonly string[] | undefined, mayLackEnds: boolean): void {
    const { world, deathPlace } = this.machine
    world.forgetAttempts()
    // Its good end may stand in the journal, and lakitu could not tell it any more.
    if (mayLackEnds || deathPlace === `${root}/.lakitu/journal`) world.owed.clear()
    if (!started) this.known.clear()
    for (const name of started ?? []) this.known.delete(name)
  }

  afterPowerCut(): void {
    const { disk, world } = this.machine
    const journal = disk.findOrNothing(`${root}/.lakitu/journal`)?.content ?? Buffer.alloc(0)
    if (readFrames(journal).state !== 'damaged') return
    this.recordsLost = true
    world.disown()
  }

  /** Whether some effect cannot end well: a file that it reads says so. `built`: the tree after a build from nothing. */
  cannotEndWell(built: SimDisk): boolean {
    return this.effects.some((effect) => this.readsOf(effect).some((path) => textOf(built, path)?.includes('FAIL')))
  }

  /** After a good run in peace: what is wrong with the world, or ran without a cause. */
  judge(started: readonly string[], built: SimDisk): string | undefined {
    const found: string[] = []
    for (const effect of this.effects) {
      found.push(...this.wrongWith(effect, built))
      const { name } = effect
      const runs = started.filter((other) => other === name).length
      const [was, facts] = [this.known.get(name), this.facts(effect)]
      if (runs > 1) found.push(`${name} ran ${runs} times for one change`)
      if (runs > 0 && was?.facts === facts && was.view === this.views.get(name)) {
        found.push(`${name} ran, and nothing is different from its last success`)
      }
      if (this.machine.world.owed.has(name)) found.push(`${name} was not run again after an attempt without an end`)
      this.known.set(name, { facts, view: this.view(effect) })
    }
    return found[0]
  }

  /** After a run in peace in which some probes got no answer. */
  judgeBlind(started: readonly string[], outcome: string): string | undefined {
    const { blind } = this.machine.world
    const unseen = this.effects.filter(({ name }) => blind.has(name))
    if (unseen.length > 0 && outcome === 'done') return `success, and the probe of ${unseen[0]?.name} got no answer`
    const guessed = unseen.find(
      (effect) =>
        !effect.converges && started.includes(effect.name) && this.known.get(effect.name)?.facts === this.facts(effect),
    )
    return guessed && `${guessed.name} ran on a guess: its probe got no answer`
  }

  /** After everything was undone; `abandoned`: what lakitu names as left by effects that are gone from the config. */
  judgeDestroyed(abandoned: readonly string[]): string | undefined {
    this.known.clear()
    this.machine.world.owed.clear()
    for (const [name, { by, roles }] of this.machine.world.hosts) {
      for (const effect of [...(by === undefined ? [] : [by]), ...roles.keys()]) {
        if (effect.endsWith('(forgotten)') || abandoned.includes(effect)) continue
        return `destroy left ${name}${effect === by ? '' : ` with what ${effect} put there`} (by ${effect})`
      }
    }
    return undefined
  }

  /** What is not as its config asks for. */
  wrongWith(effect: EffectSpec, built: SimDisk): readonly string[] {
    const { name, kind } = effect
    const { hosts } = this.machine.world
    const wanted = machinesOf(effect, this.effects)
    const sum = this.sumOf(effect, built)
    const wrong = wanted.filter((machine) => {
      const host = hosts.get(machine)
      if (kind === 'machines') return !host?.running || !host.whole
      const role = host?.roles.get(name)
      return role?.body !== sum || role.mark !== sum
    })
    const left = [...hosts].filter(([machine, host]) => isBy(host, effect) && !wanted.includes(machine))
    return [
      ...wrong.map((machine) => `${machine} is not what ${name} is to make of it: ${this.picture()}`),
      ...left.map(([machine]) => `${machine} is left of ${name}, which does not want it any more`),
    ]
  }

  private sumOf(effect: EffectSpec, disk: SimDisk): string {
    let sum = sha256(wordsOf(effect))
    for (const path of this.readsOf(effect)) sum = mixed(sum, path, textOf(disk, path))
    return sum
  }

  /** In the order in which its program reads them. */
  private readsOf({ reads, uses }: EffectSpec): readonly string[] {
    const used = this.scene.spec.tasks.filter(({ name }) => uses.includes(name)).flatMap(outputsOf)
    return [...reads, ...used.filter(isUsed).sort()].map((path) => `${root}/${path}`)
  }

  private answer(effect: EffectSpec): unknown {
    return this.machine.world.seen(effect.kind, effect.name, machinesOf(effect, this.effects)) ?? null
  }

  private view(effect: EffectSpec): string {
    return `${JSON.stringify(this.answer(effect))} ${this.machine.world.blind.has(effect.name)}`
  }

  private facts(effect: EffectSpec): string {
    const { disk } = this.machine
    const read = this.readsOf(effect).map((path) => {
      const real = disk.realPath(path) ?? ''
      return [path, real, ...pictureOf(disk, path), ...pictureOf(disk, real)]
    })
    const needs = this.effects.filter(({ name }) => effect.on.includes(name)).map((need) => this.answer(need))
    return JSON.stringify([effect, textOf(disk, modulePath(effect.name)), read, needs])
  }
}

function isBy({ by, roles }: SimHost, { name, kind }: EffectSpec): boolean {
  return kind === 'machines' ? by === name : roles.has(name)
}

function pictureText(hosts: readonly (readonly [string, SimHost])[]): string {
  return JSON.stringify(hosts.map(([name, { roles, ...host }]) => [name, host, [...roles]]))
}
