import type { Random } from '../support/random.ts'
import { anyEdit, type Edit, sourceEdit } from './edits.ts'
import { withEffects } from './effect-case.ts'
import { headers, type Op, outputsOf, type ProjectSpec, sources, type TaskSpec } from './spec.ts'
import type { Case, RunStep, Step } from './steps.ts'

export function makeCase(random: Random): Case {
  const spec = makeSpec(random)
  const steps: Step[] = []
  const rounds = 2 + random.int(4)
  for (let round = 0; round < rounds; round += 1) {
    for (let n = random.int(3); n > 0; n -= 1) steps.push({ step: 'edit', edit: anyEdit(random, spec) })
    if (random.chance(0.6)) steps.push(runStep(random))
    if (random.chance(0.3)) steps.push({ step: 'edit', edit: anyEdit(random, spec) })
    if (random.chance(0.2)) steps.push(runStep(random))
    steps.push({ step: 'check', seed: random.int(2 ** 31), jobs: 1 + random.int(3) })
  }
  const found: Case = { grain: random.pick([0, 0, 4, 10, 1000]), spec, steps }
  return random.chance(0.33) ? withEffects(found, random) : found
}

function runStep(random: Random): RunStep {
  const during = Array.from({ length: random.int(4) }, () => sourceEdit(random))
  const base = {
    step: 'run',
    seed: random.int(2 ** 31),
    jobs: 1 + random.int(3),
    during: thereAndBack(during, random),
  } as const
  const moment = () => 1 + random.int(random.pick([15, 60, 150, 400]))
  switch (random.int(6)) {
    case 0:
      return { ...base, killAt: moment() }
    case 1:
      return { ...base, killAt: moment(), powerCut: true }
    case 2:
      return { ...base, stopAt: moment() }
    case 3:
      return { ...base, fault: { code: random.pick(['ENOSPC', 'EIO']), from: moment(), calls: 1 + random.int(60) } }
    case 4:
      return { ...base, powerCut: random.chance(0.3) }
    default:
      return base
  }
}

/** Often an edit is taken back while the same run goes on. */
function thereAndBack(edits: readonly Edit[], random: Random): readonly Edit[] {
  const [first] = edits
  if (first?.edit !== 'write' || random.chance(0.3)) return edits
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
  const needs = before.filter(() => random.chance(0.25)).map((task) => task.name)
  const withValue = needs.filter((need) => before.some((task) => task.name === need && task.hasValue))
  if (kind === 'function') for (const of of withValue) ops.push({ op: 'value', of })
  if (ops.length === 0) ops.push({ op: 'read', path: random.pick(readable) })
  ops.push(...outputOps(name, random))
  return {
    name,
    kind,
    ops: ops.filter(once),
    needs,
    salt: 'v1',
    code: 'v1',
    hasValue: kind === 'function' && random.chance(0.5),
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
