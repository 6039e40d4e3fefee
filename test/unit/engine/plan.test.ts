import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { effect, task } from '../../../src/define/task.ts'
import type { AnyTask } from '../../../src/model/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'
import { forSeeds, type Random } from '../../support/random.ts'

describe('a plan', () => {
  it('tells what runs for sure from what runs only if a need comes to something else', async () => {
    const project = await testProject(() => {
      const a = task('a', { inputs: { src: files('src') }, run: () => 1 })
      const b = task('b', { needs: { a }, run: () => 1 })
      const c = task('c', { needs: { b }, run: () => 1 })
      return [task('d', { run: () => 1 }), task('e', { needs: { c }, inputs: { own: files('own') }, run: () => 1 })]
    })
    expect(await project.plan('e')).toEqual({ a: 'will', b: 'will', c: 'will', e: 'will' })
    await project.run('e')
    expect(await project.plan('e')).toEqual({ a: 'fresh', b: 'fresh', c: 'fresh', e: 'fresh' })
    project.write('src', 'x')
    const forecasts = await project.forecasts('e')
    expect(forecasts.map((f) => [f.node.name, f.kind, f.ifChanged])).toEqual([
      ['a', 'will', []],
      ['b', 'may', ['a']],
      ['c', 'may', ['b']],
      ['e', 'may', ['c']],
    ])
    project.write('own', 'x')
    expect(await project.plan('e')).toMatchObject({ e: 'will' })
    expect(await project.plan('e', true)).toMatchObject({ a: 'will', b: 'may', e: 'will' })
  })

  it('does not promise to run what reads a spoiled output that is made again first', async () => {
    const project = await testProject(() => {
      const gen = task('gen', { inputs: [value(1)], outputs: ['gen.h'], run: () => project.write('gen.h', 'made') })
      const use = task('use', { inputs: { gen: files('gen.h') }, run: () => 1 })
      return [gen, use]
    })
    await project.run('use')
    project.write('gen.h', 'by hand')
    expect(await project.plan('use')).toEqual({ gen: 'will', use: 'may' })
    expect(await project.run('use')).toMatchObject({ ran: [], restored: ['gen'] })
  })

  it('does not promise to run for a result of a need that is about to be taken back', async () => {
    const project = await testProject(() => {
      const a = task('a', { inputs: { src: files('src') }, run: () => project.read('src') })
      return [task('b', { needs: { a }, run: () => 1 })]
    })
    project.write('src', 'one')
    await project.run('b')
    project.write('src', 'two')
    await project.run('a')
    expect(await project.plan('b')).toEqual({ a: 'fresh', b: 'will' })
    project.write('src', 'one')
    expect(await project.plan('b')).toEqual({ a: 'will', b: 'may' })
    expect(await project.run('b')).toMatchObject({ ran: [], restored: ['a'] })
  })

  it('does not promise to run what a world looks wrong for that a need puts right', async () => {
    let up = false
    const project = await testProject(() => {
      const vm = effect('vm', {
        probe: () => (up ? 'on' : null),
        run: () => {
          up = true
        },
      })
      return [effect('agent', { needs: { vm }, converges: true, probe: () => (up ? 'ready' : null), run: () => {} })]
    })
    await project.run('agent')
    up = false
    expect(await project.plan('agent')).toEqual({ vm: 'will', agent: 'may' })
    expect((await project.run('agent')).ran).toEqual(['vm'])
  })

  it('promises what comes before a task only as surely as that task', async () => {
    const project = await testProject(() => {
      const ping = task('ping', { always: true, run: () => 1 })
      const a = task('a', { inputs: { src: files('src') }, run: () => 1 })
      return [task('apply', { needs: { a }, after: [ping], run: () => 1 })]
    })
    expect(await project.plan('apply')).toEqual({ a: 'will', ping: 'will', apply: 'will' })
    await project.run('apply')
    expect(await project.plan('apply')).toEqual({ a: 'fresh', apply: 'fresh' })
    project.write('src', 'x')
    expect(await project.plan('apply')).toEqual({ a: 'will', ping: 'may', apply: 'may' })
    expect((await project.run('apply')).ran).toEqual(['a'])
  })

  it('of a task that cannot be checked is no promise', async () => {
    const project = await testProject(() => [
      task('a', { inputs: { x: value(new Date(0)) }, outputs: ['x'], run: () => 1 }),
    ])
    expect(await project.plan('a')).toEqual({ a: 'will' })
  })

  it('changes nothing but the stat cache', async () => {
    const project = await testProject(() => [task('a', { inputs: { src: files('src') }, run: () => 1 })])
    await project.plan('a')
    expect(project.has('.lakitu')).toBe(false)
    expect(project.has('.cache/lakitu/journal')).toBe(false)
    expect(project.has('.cache/lakitu/logs')).toBe(false)
  })
})

// Some hundred runs on the real disk: the time is there to end a hang, not to measure.
describe('for any small graph and any changes', { timeout: 120_000 }, () => {
  it('what the plan says holds: will ⊆ ran ⊆ will ∪ may, everything comes out as from nothing, and a second run does nothing', async () => {
    let partial = 0
    let had = 0
    await forSeeds(60, async (random) => {
      const shape = randomShape(random)
      const project = await shape.make()
      for (const source of shape.sources) project.write(source, 'v0')
      for (let round = 0; round < 5; round += 1) {
        const targets = random.chance(0.7) ? shape.names : [random.pick(shape.names)]
        const plan = await project.plan(targets)
        const { ran: began, restored, outcome } = await project.run(targets, { jobs: 1 + random.int(3) })
        // To put back what a run made is a run too.
        const ran = [...began, ...restored]
        had += restored.length
        const of = (kind: string) => Object.keys(plan).filter((name) => plan[name] === kind)
        expect(outcome).toBe('done')
        expect([...ran]).toEqual(expect.arrayContaining(of('will')))
        expect([...of('will'), ...of('may')]).toEqual(expect.arrayContaining([...ran]))
        if (ran.length > 0 && ran.length < shape.names.length) partial += 1
        for (const name of shape.closure(targets))
          expect(project.read(`out/${name}`)).toBe(shape.expected(project, name))
        expect(await project.run(targets)).toMatchObject({ ran: [], restored: [] })
        shape.change(project)
      }
    })
    expect(Math.min(partial, had)).toBeGreaterThan(20)
  })
})

/** Tasks that each write a function of their source and of what their needs wrote; some forget nearly all of it. */
function randomShape(random: Random) {
  const size = 2 + random.int(6)
  const names = Array.from({ length: size }, (_, i) => `t${i}`)
  const specs = new Map(
    names.map((name, i) => {
      const needs = names.slice(0, i).filter(() => random.chance(0.35))
      const after = names.slice(0, i).filter((other) => !needs.includes(other) && random.chance(0.15))
      const forgets = random.chance(0.4)
      return [
        name,
        { needs, after, forgets, source: `src/${name}`, byPath: random.chance(0.5), folder: random.chance(0.2) },
      ]
    }),
  )
  const spec = (name: string) => {
    const found = specs.get(name)
    if (!found) throw new Error(name)
    return found
  }
  const expected = (project: TestProject, name: string): string => {
    const { needs, forgets, source } = spec(name)
    const text = [project.read(source), ...needs.map((need) => expected(project, need))].join('+')
    return forgets ? String(text.length % 2) : text
  }
  const closure = (of: readonly string[]): readonly string[] => [
    ...new Set(of.flatMap((name) => [name, ...closure(spec(name).needs)])),
  ]
  const make = (): Promise<TestProject> => {
    const made = testProject(() => {
      const tasks = new Map<string, AnyTask>()
      for (const name of names) {
        const { needs, after, forgets, source, byPath } = spec(name)
        const find = (other: string): AnyTask => tasks.get(other) ?? task(other, {})
        tasks.set(
          name,
          task(name, {
            ...(byPath ? {} : { needs: needs.map(find) }),
            after: after.map(find),
            inputs: { src: files(source, ...(byPath ? needs.map((need) => `out/${need}`) : [])) },
            outputs: [`out/${name}`],
            run: async () => {
              const project = await made
              const text = [source, ...needs.map((need) => `out/${need}`)].map((path) => project.read(path)).join('+')
              project.write(`out/${name}`, forgets ? String(text.length % 2) : text)
            },
          }),
        )
      }
      return [...tasks.values()]
    })
    return made
  }
  const change = (project: TestProject) => {
    for (let n = random.int(3); n >= 0; n -= 1) {
      const name = random.pick(names)
      const out = `out/${name}`
      switch (random.int(5)) {
        case 0:
          if (project.has(out)) project.remove(out)
          break
        case 1:
          if (project.has(out)) project.write(out, 'by hand')
          break
        default:
          project.write(`src/${name}`, random.pick(['v0', 'v1', 'v12']))
      }
    }
  }
  return { names, sources: names.map((name) => `src/${name}`), make, closure, expected, change }
}
