import type { FactValue } from '../../src/model/facts.ts'
import type { ProcessRequest } from '../../src/ports/processes.ts'
import { sha256 } from '../../src/util/digest.ts'
import { type EffectSpec, hosts } from './effect-spec.ts'
import { type Running, textOf } from './program.ts'
import type { SimDisk } from './sim-disk.ts'

/** Where the program is that changes the world, and looks at it. */
export const worldProgram = '/bin/world'

/** What an effect put onto a machine: probes see the mark, which is written last. */
export interface Role {
  readonly body: string
  readonly mark: string | undefined
}

export interface SimHost {
  /** Another one each time that a machine is made. */
  readonly id: number
  running: boolean
  /** Whether the last start came to its end; no probe sees that. */
  whole: boolean
  /** The effect that made it; undefined: a person did, or nobody knows. */
  by: string | undefined
  readonly roles: Map<string, Role>
}

/** What a program of the world is told. */
export interface Order {
  readonly machines: readonly string[]
  readonly kind?: EffectSpec['kind']
  readonly say?: string
  /** Absolute paths. */
  readonly reads?: readonly string[]
  readonly flaps?: number
}

/** Machines outside the disk: they outlive each lakitu, and power cuts of the machine that it runs on. */
export class World {
  readonly hosts = new Map<string, SimHost>()
  /** As they were when somebody kept them. */
  kept = new Map<string, SimHost>()
  /** Effects whose probes get no answer. */
  readonly blind = new Set<string>()
  /** Effects that changed the world, and of whose attempt no good end was told yet. */
  readonly owed = new Set<string>()
  /** How many programs were begun that change the world. */
  changes = 0
  /** What an oracle saw while a program was begun. */
  broken: string | undefined
  private readonly flaps = new Map<string, number>()
  /** Inputs of the last attempt, as long as all is known that ran. */
  private readonly begun = new Map<string, string>()
  private readonly live = new Map<Running, string>()
  private next = 1

  constructor() {
    for (const name of hosts) this.add(name, undefined).whole = true
  }

  add(name: string, by: string | undefined): SimHost {
    const host = { id: this.next, running: true, whole: false, by, roles: new Map<string, Role>() }
    this.next += 1
    this.hosts.set(name, host)
    return host
  }

  /** Begins a program; `running` are those that live. */
  start({ args, onLine }: ProcessRequest, disk: SimDisk, running: ReadonlySet<Running>): Running {
    const [verb = '', effect = '', text = ''] = args
    const order: Order = JSON.parse(text)
    if (verb === 'look') return this.look(effect, order, (line) => onLine(line, 'stdout'))
    for (const [steps, whose] of this.live) {
      if (!running.has(steps)) this.live.delete(steps)
      else if (whose === effect) this.broken ??= `${effect} began while a program of its last attempt was alive`
    }
    const steps = this.change(verb, { effect, order, disk })
    this.live.set(steps, effect)
    this.owed.add(effect)
    this.changes += 1
    return steps
  }

  /** What the config's functions were given: an undo must get what the last attempt had. */
  began(effect: string, inputs: unknown): void {
    this.begun.set(effect, JSON.stringify(inputs))
  }

  handed(effect: string, recorded: unknown): void {
    const had = this.begun.get(effect)
    const got = JSON.stringify(recorded)
    if (had !== undefined && had !== got) {
      this.broken ??= `the undo of ${effect} got ${got}, and its last attempt had ${had}`
    }
  }

  /** Not all is known any more of what ran. */
  forgetAttempts(): void {
    this.begun.clear()
  }

  /** What was left by these effects is a person's from here on; without names, all of it. */
  disown(names?: readonly string[]): void {
    const isGone = (name: string) => names === undefined || names.includes(name)
    for (const host of this.hosts.values()) {
      if (host.by !== undefined && isGone(host.by)) host.by = undefined
      for (const [name, role] of [...host.roles]) {
        if (!isGone(name)) continue
        host.roles.delete(name)
        host.roles.set(`${name} (forgotten)`, role)
      }
    }
  }

  /** What a probe sees; null: not all is there; undefined: no answer comes. */
  seen(kind: EffectSpec['kind'], effect: string, machines: readonly string[]): FactValue | undefined {
    const answer: Record<string, FactValue> = {}
    for (const name of machines) {
      const host = this.hosts.get(name)
      if (!host) return null
      if (!host.running) return kind === 'machines' ? null : undefined
      const mark = host.roles.get(effect)?.mark
      if (kind === 'roles' && mark === undefined) return null
      answer[name] = kind === 'roles' ? { id: host.id, mark: mark ?? null } : { id: host.id }
    }
    return answer
  }

  private *look(effect: string, { machines, kind = 'machines' }: Order, tell: (line: string) => void): Running {
    yield
    const answer = this.blind.has(effect) ? undefined : this.seen(kind, effect, machines)
    const flaps = this.flaps.get(effect) ?? 0
    if (answer === undefined) return 1
    this.flaps.set(effect, Math.max(0, flaps - 1))
    tell(JSON.stringify(flaps > 0 ? { flapping: flaps } : answer))
    return 0
  }

  private *change(verb: string, on: Setting): Running {
    const { effect, order, disk } = on
    let sum = sha256(order.say ?? '')
    for (const path of order.reads ?? []) {
      yield
      const text = textOf(disk, path)
      if (text?.includes('FAIL')) return 1
      sum = mixed(sum, path, text)
    }
    for (const name of order.machines) {
      yield
      const code = yield* this.changeOne(verb, name, { effect, sum })
      if (code !== 0) return code
    }
    this.flaps.set(effect, order.flaps ?? 0)
    yield
    return 0
  }

  private *changeOne(verb: string, name: string, { effect, sum }: Mark): Running {
    const host = this.hosts.get(name)
    switch (verb) {
      case 'make':
        return yield* this.make(name, effect)
      case 'destroy':
        if (!host) return 0
        host.running = false
        yield
        if (this.hosts.get(name) === host) this.hosts.delete(name)
        return 0
      case 'role':
        if (!host?.running) return 1
        host.roles.set(effect, { body: sum, mark: host.roles.get(effect)?.mark })
        yield* someTime()
        // What became another machine meanwhile, or was stopped, is out of reach.
        if (this.hosts.get(name) !== host || !host.running) return 1
        host.roles.set(effect, { body: sum, mark: sum })
        return 0
      default: {
        const role = host?.roles.get(effect)
        if (!host || !role) return 0
        host.roles.set(effect, { ...role, body: 'nothing' })
        yield* someTime()
        host.roles.delete(effect)
        return 0
      }
    }
  }

  private *make(name: string, effect: string): Running {
    const there = this.hosts.get(name)
    if (there?.running && there.whole) return 0
    const host = there ?? this.add(name, effect)
    host.running = true
    host.whole = false
    yield* someTime()
    if (this.hosts.get(name) !== host || !host.running) return 1
    host.whole = true
    return 0
  }
}

interface Mark {
  readonly effect: string
  readonly sum: string
}

interface Setting {
  readonly effect: string
  readonly order: Order
  readonly disk: SimDisk
}

/** One more thing that was read goes into what is put onto machines. */
export function mixed(sum: string, path: string, text: string | undefined): ReturnType<typeof sha256> {
  return sha256(`${sum} ${path} ${text ?? 'absent'}`)
}

/** In which a kill may fall. */
function* someTime(): Generator<void> {
  yield
  yield
  yield
}
