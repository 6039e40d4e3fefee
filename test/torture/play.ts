import { type Forecast, plan } from '../../src/engine/plan.ts'
import type { Project } from '../../src/engine/project.ts'
import { run } from '../../src/engine/run.ts'
import { select } from '../../src/graph/select.ts'
import type { Ending, Event } from '../../src/model/event.ts'
import { reasonText } from '../../src/model/reason.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { readFrames } from '../../src/state/frames.ts'
import { random } from '../support/random.ts'
import { furnish, make, type Scene, writeModules } from './edits.ts'
import { Machine, noTrouble, type Trouble } from './machine.ts'
import { Minimality } from './minimality.ts'
import { buildFromNothing, type Expected, pictureOf } from './oracle.ts'
import { powerCut } from './power-cut.ts'
import { textOf, writeFile } from './program.ts'
import { diskView } from './sim-disk.ts'
import { openProject } from './sim-project.ts'
import { hushed, type ProjectSpec, root } from './spec.ts'
import type { Case, RunStep } from './steps.ts'
import { type Tended, type TendStep, tend } from './tend.ts'
import { Violation } from './violation.ts'
import { notNamed } from './why.ts'
import { WorldOracle } from './world-oracle.ts'

export { Violation }

export interface Played {
  readonly runs: number
  readonly calls: number
}

type Forecasts = ReadonlyMap<string, Forecast>

interface Ran {
  readonly outcome: 'done' | 'failed' | 'stopped'
  readonly started: readonly string[]
  readonly endings: ReadonlyMap<string, Ending>
  readonly told: readonly string[]
}

/** Plays a case to its end. Throws a Violation where an oracle is not content. */
export async function play({ grain, spec, steps }: Case): Promise<Played> {
  const player = new Player(grain, spec)
  for (const [at, step] of steps.entries()) {
    try {
      if (step.step === 'edit') player.edit(step.edit)
      else if (step.step === 'run') await player.run(step)
      else if (step.step === 'check') await player.check(step.seed, step.jobs)
      else await player.tend(step)
      player.readsNoSecret()
    } catch (error) {
      if (error instanceof Violation) throw new Violation(`step ${at + 1}: ${error.message}`)
      throw error
    }
  }
  return { runs: player.runs, calls: player.calls }
}

class Player implements Tended {
  runs = 0
  calls = 0
  private boot = 1
  /** The journal as it was before bytes of it were changed. */
  private whole: Buffer | undefined
  /** An output in whose place something was put that is not proved. */
  private unproved: string | undefined
  readonly machine: Machine
  private readonly scene: Scene
  private readonly minimality = new Minimality()
  readonly effects: WorldOracle

  constructor(grain: number, spec: ProjectSpec) {
    this.machine = new Machine(random(1), grain)
    this.scene = { spec, keptCache: undefined, earlier: new Map(), appeared: new Set(), dropped: undefined }
    this.effects = new WorldOracle(this.machine, this.scene)
    furnish(this.machine, spec)
    this.machine.pass(5000)
    this.machine.disk.syncAll()
  }

  edit(edit: Parameters<typeof make>[0]): void {
    this.scene.appeared.clear()
    // Nobody does that while something of a dead lakitu still writes: what it leaves then, no intent tells of.
    if (edit.edit.includes('cache')) this.machine.halt()
    const before = journalOf(this.machine)
    make(edit, this.machine, this.scene)
    if (edit.edit === 'damage cache') this.whole ??= isWhole(before) ? before : undefined
    else if (edit.edit.includes('cache')) this.whole = undefined
    const isOfCache = edit.edit.includes('cache')
    if (isOfCache && edit.edit !== 'keep cache') this.stateLost()
  }

  /**
   * Whoever loses what lakitu knows of an output folder clears it: files in it that no record lists may be a person's, so lakitu
   * leaves them alone and says so.
   */
  private stateLost(): void {
    this.minimality.forget()
    for (const { ops } of this.scene.spec.tasks) {
      for (const op of ops) if (op.op === 'fill') this.machine.disk.remove(`${root}/${op.path}`)
    }
  }

  /** A run in which anything may go wrong: nothing is asked of it but that the next check is content. */
  async run(step: RunStep): Promise<void> {
    const { machine, scene } = this
    scene.appeared.clear()
    machine.random = random(step.seed)
    if (step.destroys && this.effects.effects.length === 0) return
    const trouble: Trouble = {
      killAt: step.killAt,
      killIn: step.killIn,
      stopAt: step.stopAt,
      fault: step.fault,
      edits: step.during.map((edit) => () => make(edit, machine, scene)),
    }
    const ran = await this.lakitu(trouble, step.jobs, step.destroys && ['destroy'])
    // To put a result back, and to be stopped in the middle of that, is told of by the ending alone.
    const touched = ran && [...ran.endings].flatMap(([name, { state }]) => (state === 'fresh' ? [] : [name]))
    const mayHaveRun = touched && [...(ran?.started ?? []), ...touched]
    this.ranInTrouble(step.destroys ? undefined : mayHaveRun, step.fault !== undefined)
    if (!step.powerCut) return
    machine.halt()
    powerCut(machine.disk, machine.random)
    this.boot += 1
    this.effects.afterPowerCut()
    // What the sources are from here on is what the disk has of them; a config is there as it is in memory.
    writeModules(machine, scene.spec)
    writeFile(machine.disk, '/bin/sim', textOf(machine.disk, '/bin/sim') || 'v1', 0o755)
    this.stateLost()
  }

  /** What ran while things went wrong may have a record of anything; `undefined`: nobody knows what ran. */
  private ranInTrouble(started: readonly string[] | undefined, mayLackEnds: boolean): void {
    this.minimality.ranInTrouble(started)
    this.effects.ranInTrouble(started, mayLackEnds)
  }

  async tend(step: TendStep): Promise<void> {
    this.machine.random = random(step.seed)
    this.machine.world.blind.clear()
    this.whole = undefined
    await tend(step, this)
  }

  async check(seed: number, jobs: number): Promise<void> {
    const { machine, scene, effects } = this
    machine.random = random(seed)
    await this.checkBlind(jobs)
    // What a dead lakitu left may still write, and a plan waits for nobody.
    const isQuiet = machine.isQuiet
    const [before, world] = [pictureOf(machine.disk, root), effects.picture()]
    const forecast = await this.plan()
    if (isQuiet) this.readersChangeNothing(before)
    if (isQuiet && effects.picture() !== world) throw new Violation('plan changed the world')
    this.saysWhatIsSo(forecast)
    effects.look()
    const early = effects.effects.length === 0 ? this.built() : undefined
    const outputsBefore = pictureOf(machine.disk, `${root}/out`)
    const ran = await this.quiet(jobs)
    const expected = early ?? this.built()
    if (!expected.isGood || effects.cannotEndWell(expected.disk)) {
      if (ran.outcome === 'done') throw new Violation(`success, where a build from nothing fails`)
      this.ranInTrouble(undefined, false)
      return
    }
    if (ran.outcome !== 'done')
      throw new Violation(`${ran.outcome}, where a build from nothing is good: ${ran.told.join('; ')}`)
    this.equalsBuildFromNothing(expected.outputs, ran)
    if (isQuiet) keptPromise(forecast, ran)
    const effectValues = effects.values()
    const judged = { machine, spec: scene.spec, started: ran.started, outputsBefore, effectValues }
    const error = this.minimality.judge(judged) ?? effects.judge(ran.started, expected.disk)
    if (error !== undefined) throw new Violation(error)
    machine.pass(100)
    const again = await this.quiet(jobs)
    if (again.started.length > 0) throw new Violation(`a second run ran ${again.told.join('; ')}`)
  }

  private equalsBuildFromNothing(expected: ReadonlyMap<string, string>, ran: Ran): void {
    const { disk } = this.machine
    for (const [path, face] of expected) {
      const now = pictureOf(disk, path).get(path)
      if (now === face) continue
      const endings = JSON.stringify([...ran.endings].map(([name, { state }]) => [name, state]))
      throw new Violation(`${path} is ${now ?? 'absent'}, a build from nothing makes ${face} (${endings})`)
    }
    for (const path of expected.keys()) {
      for (const below of pictureOf(disk, path).keys()) {
        if (!expected.has(below)) throw new Violation(`${below} is there, which a build from nothing does not make`)
      }
    }
  }

  private readersChangeNothing(before: ReadonlyMap<string, string>): void {
    const after = pictureOf(this.machine.disk, root)
    const own = [`${root}/.cache`, `${root}/.cache/lakitu`, `${root}/.cache/lakitu/stat`, `${root}/.cache/lakitu/stamp`]
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(path) !== after.get(path) && !own.includes(path)) throw new Violation(`plan changed ${path}`)
    }
  }

  /** What stood in the journal before it was damaged is not believed, and what was edited is told. */
  private saysWhatIsSo(forecast: Forecasts): void {
    const { machine, scene, minimality } = this
    // Those of effects stand in a journal of their own.
    const fresh = [...forecast.values()].find(({ node, kind }) => kind === 'fresh' && !node.definition.effect)
    const isDamaged = this.whole && !journalOf(machine)?.equals(this.whole)
    if (isDamaged && fresh) throw new Violation(`${fresh.node.name} is called fresh by a damaged journal`)
    const reasons = new Map([...forecast].map(([name, told]) => [name, told.reasons]))
    const error = notNamed({ machine, spec: scene.spec, known: minimality.known, reasons })
    if (error !== undefined) throw new Violation(error)
  }

  /** Nowhere in what lakitu keeps does the text of a secret stand. */
  readsNoSecret(): void {
    const { disk } = this.machine
    if (this.scene.spec.tasks.every(({ secret }) => secret === 'none')) return
    for (const folder of ['.cache', '.lakitu']) {
      for (const [path, face] of pictureOf(disk, `${root}/${folder}`)) {
        if (face.includes(hushed)) throw new Violation(`${path} shows a secret`)
      }
    }
  }

  /** What is put in place of an output must be what somebody once wrote, also if it is put right afterwards. */
  private watched(disk: Disk): Disk {
    const rename = (from: string, to: string) => {
      disk.rename(from, to)
      const text = to.startsWith(`${root}/out/`) ? textOf(this.machine.disk, to) : undefined
      if (text !== undefined && !this.machine.disk.written.has(text)) this.unproved ??= to
    }
    return { ...disk, rename }
  }

  private get targets(): readonly string[] {
    return [this.scene.spec.target, ...this.effects.effects.map(({ name }) => name)]
  }

  built(): Expected {
    return buildFromNothing(this.machine.disk, this.scene.spec, this.effects.values())
  }

  /** Where probes get no answer; after it they do. */
  private async checkBlind(jobs: number): Promise<void> {
    const { blind } = this.machine.world
    if (blind.size === 0) return
    const ran = await this.quiet(jobs)
    const error = this.effects.judgeBlind(ran.started, ran.outcome)
    if (error !== undefined) throw new Violation(error)
    this.ranInTrouble(ran.started, false)
    blind.clear()
  }

  async quiet(jobs: number, targets = this.targets): Promise<Ran> {
    const ran = await this.lakitu(noTrouble, jobs, targets)
    if (!ran) throw new Error('a quiet run was killed')
    return ran
  }

  private async plan(): Promise<Forecasts> {
    const { machine } = this
    const forecasts = await machine.drive(noTrouble, async (signal) => {
      const project = this.open()
      const found = await plan(project, select(project.graph, this.targets), false, signal)
      project.stats.save()
      return found
    })
    return new Map((forecasts ?? []).map((forecast) => [forecast.node.name, forecast]))
  }

  /** One lakitu; undefined where it was killed. */
  private async lakitu(trouble: Trouble, jobs: number, targets = this.targets): Promise<Ran | undefined> {
    const { machine } = this
    const started: string[] = []
    const told: string[] = []
    this.runs += 1
    this.whole = undefined
    const result = await machine
      .drive(trouble, async (signal) => {
        const project = this.openIn(trouble, (event) => {
          listen(event, started, told)
          if (event.type === 'task-ended' && event.ending.state === 'done') machine.world.owed.delete(event.task)
        })
        if (!project) return undefined
        const request = {
          targets: select(project.graph, targets),
          force: false,
          jobs,
          keepGoing: false,
          cacheLimit: 10_000,
          downloadLimit: 10_000,
          pools: {},
          writer: { command: 'test', pid: 1, wait: true },
        }
        try {
          return await run(project, request, { signal, hurry: new AbortController().signal })
        } catch (error) {
          // Where even the state cannot be written: told, and nothing was run.
          if (trouble === noTrouble) throw error
          return undefined
        } finally {
          project.stats.save()
        }
      })
      .finally(() => {
        this.calls += machine.called
      })
    if (machine.world.broken !== undefined) throw new Violation(machine.world.broken)
    if (this.unproved !== undefined) throw new Violation(`${this.unproved} was replaced by what nobody wrote`)
    if (!result) return undefined
    const endings = new Map([...result.endings].map(([node, ending]) => [node.name, ending]))
    return { outcome: result.outcome, started, endings, told }
  }

  /** Where not even the state can be read, lakitu says so and does nothing. */
  private openIn(trouble: Trouble, emit: (event: Event) => void): Project | undefined {
    try {
      return this.open(emit)
    } catch (error) {
      if (trouble === noTrouble) throw error
      return undefined
    }
  }

  open(emit: (event: Event) => void = () => {}): Project {
    const { machine, scene } = this
    const disk = this.watched(diskView(machine.disk, machine.gate, machine.shorten))
    return openProject({ machine, spec: scene.spec, disk, boot: `boot ${this.boot}`, emit })
  }
}

function listen(event: Event, started: string[], told: string[]): void {
  if (event.type === 'task-started') {
    started.push(event.task)
    told.push(`${event.task} because ${event.reasons.map(reasonText).join(', ')}`)
  }
  // To put a result back is a run too.
  if (event.type === 'task-ended' && event.ending.state === 'restored') {
    started.push(event.task)
    told.push(`${event.task} restored`)
  }
  if (event.type === 'task-ended' && event.ending.state === 'failed') {
    told.push(`${event.task} failed: ${event.ending.error.headline} ${event.ending.error.stack ?? ''}`)
  }
}

/** will ⊆ ran ⊆ will ∪ may */
function keptPromise(forecast: Forecasts, { started }: Ran): void {
  for (const [name, { kind }] of forecast) {
    if (kind === 'will' && !started.includes(name)) throw new Violation(`plan said ${name} will run, and it did not`)
    if (kind === 'fresh' && started.includes(name)) throw new Violation(`plan called ${name} fresh, and it ran`)
  }
  for (const name of started) if (!forecast.has(name)) throw new Violation(`plan did not name ${name}, and it ran`)
}

function journalOf({ disk }: Machine): Buffer | undefined {
  return disk.findOrNothing(`${root}/.cache/lakitu/journal`)?.content
}

/** Of a torn tail nobody asks whether it is damaged. */
function isWhole(journal: Buffer | undefined): boolean {
  const read = journal && readFrames(journal)
  return read?.state === 'good' && read.length === journal?.length
}
