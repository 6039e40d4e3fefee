import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { type TestProject, testProject } from '../../support/project.ts'
import { forSeeds, type Random } from '../../support/random.ts'

const names = ['a', 'b', 'c', 'd']
const folders = ['src', 'inc']

type Read = (path: string) => string | undefined

/** The text with all that it includes (`<name>`), each looked for in src, then in inc, and nothing twice. */
function expand(read: Read, path: string, seen = new Set<string>()): string {
  if (seen.has(path)) return ''
  seen.add(path)
  return (read(path) ?? '').replace(/<(\w)>/g, (_all, name: string) => {
    const found = folders.map((folder) => `${folder}/${name}.h`).find((place) => read(place) !== undefined)
    return found === undefined ? '?' : expand(read, found, seen)
  })
}

interface World {
  readonly project: TestProject
  /** What the last run looked at, and what it found. */
  readonly looked: Map<string, string | undefined>
  /** Called before each look. */
  during: () => void
}

const now = (project: TestProject): Read => {
  return (path) => (project.has(path) ? project.read(path) : undefined)
}

/**
 * A task that expands main.c; all that it reads but that is discovered. A depfile does not name what was looked for in vain, so that what
 * comes back from the cache is no answer to what a run would have looked at: there nothing is cached.
 */
async function expanding(how: 'depfile' | 'read'): Promise<World> {
  const project = await testProject(() => [
    task('expand', {
      inputs: { main: files('main.c') },
      outputs: ['out'],
      cache: how === 'read',
      ...(how === 'depfile' ? { depfile: 'out.d' } : {}),
      run: (ctx) => {
        world.looked.clear()
        const read = how === 'read' ? ctx.read : now(project)
        const text = expand((path) => {
          world.during()
          const found = read(path)
          world.looked.set(path, found)
          return found
        }, 'main.c')
        project.write('out', text)
        const there = [...world.looked].filter(([, found]) => found !== undefined).map(([path]) => path)
        project.write('out.d', `out: ${there.join(' ')}`)
      },
    }),
  ])
  const world: World = { project, looked: new Map(), during: () => {} }
  return world
}

function randomText(random: Random): string {
  return Array.from({ length: 1 + random.int(3) }, () => (random.chance(0.5) ? `<${random.pick(names)}>` : 'xyz')).join(
    '',
  )
}

/** Answers what takes it back. */
function edit(random: Random, project: TestProject): () => void {
  const path = random.chance(0.15) ? 'main.c' : `${random.pick(folders)}/${random.pick(names)}.h`
  const before = now(project)(path)
  if (path !== 'main.c' && before !== undefined && random.chance(0.3)) project.remove(path)
  else project.write(path, randomText(random))
  return () => {
    if (before !== undefined) project.write(path, before)
    else if (project.has(path)) project.remove(path)
  }
}

/** What a run would look at now. */
function lookAgain({ project, looked }: World): void {
  looked.clear()
  expand((path) => {
    looked.set(path, now(project)(path))
    return looked.get(path)
  }, 'main.c')
}

/** A depfile cannot say which paths were looked for in vain. */
function differs({ project, looked }: World, how: 'depfile' | 'read'): boolean {
  return [...looked].some(([path, found]) => {
    return (how === 'read' || found !== undefined) && now(project)(path) !== found
  })
}

describe.each(['depfile', 'read'] as const)('for any files that include each other (%s)', (how) => {
  it('the task runs exactly when something differs that its last run read', async () => {
    const counts = { ran: 0, restored: 0, fresh: 0 }
    await forSeeds(25, async (random) => {
      const world = await expanding(how)
      const { project } = world
      project.write('main.c', randomText(random))
      for (let n = 0; n < 5; n += 1) edit(random, project)
      expect((await project.run('expand')).outcome).toBe('done')
      let takeBack = () => {}
      for (let round = 0; round < 8; round += 1) {
        if (random.chance(0.3)) takeBack()
        else if (random.chance(0.8)) takeBack = edit(random, project)
        const isStale = differs(world, how)
        expect(await project.plan('expand')).toEqual({ expand: isStale ? 'will' : 'fresh' })
        const { ran, restored, outcome } = await project.run('expand')
        expect([outcome, ran.length + restored.length > 0]).toEqual(['done', isStale])
        if (restored.length > 0) lookAgain(world)
        counts.restored += restored.length
        if (how === 'read') expect(project.read('out')).toBe(expand(now(project), 'main.c'))
        counts[isStale ? 'ran' : 'fresh'] += 1
      }
    })
    expect(Math.min(counts.ran, counts.fresh)).toBeGreaterThan(30)
    if (how === 'read') expect(counts.restored).toBeGreaterThan(10)
  })

  it('edits between two reads of a run never leave something behind that is called fresh', async () => {
    let moved = 0
    await forSeeds(30, async (random) => {
      const world = await expanding(how)
      const { project } = world
      project.write('main.c', randomText(random))
      for (let n = 0; n < 5; n += 1) edit(random, project)
      for (let round = 0; round < 4; round += 1) {
        await project.run('expand')
        const path = random.pick([...world.looked.keys()])
        if (random.chance(0.7)) project.write(path, randomText(random))
        const old = now(project)(path)
        let edits = 1 + random.int(2)
        let looks = random.int(6)
        world.during = () => {
          looks -= 1
          if (edits === 0 || looks > 0) return
          edits -= 1
          // There and back again, or to somewhere else.
          if (edits === 0 && old !== undefined) project.write(path, old)
          else project.write(path, randomText(random))
        }
        const { ran } = await project.run('expand')
        if (ran.length > 1) moved += 1
        world.during = () => {}
        const again = await project.run('expand')
        expect(again.outcome).toBe('done')
        expect((await project.run('expand')).ran).toEqual([])
        if (how === 'read') expect(project.read('out')).toBe(expand(now(project), 'main.c'))
        else expect(differs(world, how)).toBe(false)
      }
    })
    expect(moved).toBeGreaterThan(20)
  })
})
