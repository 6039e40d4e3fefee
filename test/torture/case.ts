import type { Random } from '../support/random.ts'
import { anyEdit, type Edit, sourceEdit } from './edits.ts'
import { withEffects } from './effect-case.ts'
import {
  headers,
  mayLosePower,
  type Op,
  outputsOf,
  type ProjectSpec,
  publishes,
  sources,
  store,
  type TaskSpec,
  workFolders,
} from './spec.ts'
import type { Case, RunStep, Step } from './steps.ts'
import { checkStep, story } from './stories.ts'

export function makeCase(random: Random): Case {
  const spec = makeSpec(random)
  const steps: Step[] = []
  const rounds = 2 + random.int(4)
  for (let round = 0; round < rounds; round += 1) {
    if (random.chance(0.25)) steps.push(...tried(random, spec))
    for (let n = random.int(3); n > 0; n -= 1) steps.push({ step: 'edit', edit: anyEdit(random, spec) })
    const run = random.chance(0.6) ? runStep(random, spec) : undefined
    if (run) steps.push(run)
    if (random.chance(0.3)) steps.push({ step: 'edit', edit: anyEdit(random, spec) })
    if (random.chance(0.2)) steps.push(runStep(random, spec))
    steps.push(checkStep(random))
    // What was done in the middle of the run is taken back long after it: was anything wrong kept meanwhile?
    const [first] = run?.during ?? []
    if (first && 'path' in first && random.chance(0.5)) {
      steps.push({ step: 'edit', edit: { edit: 'put back', path: first.path, keepTime: false } }, checkStep(random))
    }
  }
  const grain = random.pick([0, 0, 4, 10, 1000])
  const found: Case = { grain, spec, steps: [...steps, ...story(random, spec)] }
  return random.chance(0.33) ? withEffects(found, random) : found
}

/** Somebody tries something, and takes it back when the run does not come to its end. */
function tried(random: Random, spec: ProjectSpec): readonly Step[] {
  const edit = sourceEdit(random, spec)
  if (edit.edit !== 'write' && edit.edit !== 'remove') return []
  const how = random.pick([{ killAt: 20 + random.int(100) }, { stopAt: 20 + random.int(100) }])
  const jobs = 1 + random.int(3)
  const run: RunStep = { step: 'run', seed: random.int(2 ** 31), jobs, during: [], ...how }
  const back: Edit = { edit: 'put back', path: edit.path, keepTime: random.chance(0.3) }
  return [{ step: 'edit', edit }, run, { step: 'edit', edit: back }]
}

function runStep(random: Random, spec: ProjectSpec): RunStep {
  const during = Array.from({ length: random.int(4) }, () => sourceEdit(random, spec))
  const base = {
    step: 'run',
    seed: random.int(2 ** 31),
    jobs: 1 + random.int(3),
    during: thereAndBack(during, random),
  } as const
  const moment = () => 1 + random.int(random.pick([15, 40, 80, 160, 300]))
  switch (random.int(6)) {
    case 0:
      return { ...base, killAt: moment() }
    case 1:
      return { ...base, killAt: moment(), powerCut: mayLosePower(spec) }
    case 2:
      return { ...base, stopAt: moment() }
    case 3:
      return { ...base, fault: { code: random.pick(['ENOSPC', 'EIO']), from: moment(), calls: 1 + random.int(60) } }
    case 4:
      return { ...base, powerCut: mayLosePower(spec) && random.chance(0.3) }
    default:
      return base
  }
}

/** Often an edit is taken back while the same run goes on. */
function thereAndBack(edits: readonly Edit[], random: Random): readonly Edit[] {
  const [first] = edits
  if ((first?.edit !== 'write' && first?.edit !== 'remove') || random.chance(0.3)) return edits
  return [first, { edit: 'put back', path: first.path, keepTime: random.chance(0.3) }, ...edits.slice(1)]
}

function makeSpec(random: Random): ProjectSpec {
  const tasks: TaskSpec[] = []
  const count = 1 + random.int(5)
  for (let n = 0; n < count; n += 1) tasks.push(makeTask(n, tasks, random))
  return { tasks, target: tasks.at(-1)?.name ?? '' }
}

function makeTask(n: number, before: readonly TaskSpec[], random: Random): TaskSpec {
  const kind = random.chance(0.6) ? 'command' : 'function'
  const name = `t${n}`
  const ops: Op[] = []
  const readable = [...sources, ...before.flatMap(readableOf), ...before.slice(-1).flatMap(readableOf)]
  for (let i = random.int(3); i > 0; i -= 1) ops.push({ op: 'read', path: random.pick(readable) })
  if (random.chance(0.25)) ops.push({ op: 'list', folder: 'glob' })
  if (kind === 'command' && random.chance(0.35)) {
    ops.push({ op: 'include', path: random.pick(sources), depfile: `out/${name}.dep` })
  }
  if (kind === 'function' && random.chance(0.6)) ops.push({ op: 'ask', path: random.pick([...headers, ...sources]) })
  const needed = before.filter((task) => random.chance(publishes(task) ? 0.6 : 0.25))
  const needs = needed.map((task) => task.name)
  const withValue = needs.filter((need) => before.some((task) => task.name === need && task.hasValue))
  if (kind === 'function') for (const of of withValue) ops.push({ op: 'value', of })
  for (const need of needed.filter(publishes)) ops.push({ op: 'fetch', of: need.name, place: `${store}/${need.name}` })
  if (ops.length === 0) ops.push({ op: 'read', path: random.pick(readable) })
  const mayMove = kind === 'command' && !ops.some(({ op }) => op === 'list' || op === 'include')
  // What only publishes has neither outputs nor a value.
  const isPublisher = random.chance(0.15)
  ops.push(...(isPublisher ? [{ op: 'publish', place: `${store}/${name}` } as const] : outputOps(name, random)))
  return {
    name,
    kind,
    ops: ops.filter(once),
    needs,
    salt: 'v1',
    code: 'v1',
    cwd: mayMove && random.chance(0.3) ? workFolders[0] : '.',
    secret: random.chance(0.15) ? random.pick(['variable', 'file']) : 'none',
    hasValue: kind === 'function' && !isPublisher && random.chance(0.5),
  }
}

function outputOps(name: string, random: Random): readonly Op[] {
  const ops: Op[] = [{ op: 'write', path: `out/${name}.o`, executable: random.chance(0.2) }]
  if (random.chance(0.3)) ops.push({ op: 'fill', path: `out/${name}.d` })
  if (random.chance(0.2)) ops.push({ op: 'link', path: `out/links/${name}` })
  return ops
}

function readableOf(task: TaskSpec): readonly string[] {
  return outputsOf(task).flatMap((path) => (path.endsWith('.d') ? [`${path}/f0`] : path.endsWith('.o') ? [path] : []))
}

function once(op: Op, at: number, all: readonly Op[]): boolean {
  return all.findIndex((other) => JSON.stringify(other) === JSON.stringify(op)) === at
}
