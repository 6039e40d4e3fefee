import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { defaultCacheLimit } from '../../../src/state/eviction.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { cached } from '../../support/building.ts'
import { type TestProject, testProject } from '../../support/project.ts'

const kilobytes = (text: string, n: number) => text.repeat(1000 * n)

/** Makes 10 kB of each letter in `in`, and something that is always the same. */
async function copying(disk: Partial<Disk> = {}): Promise<TestProject> {
  const project = await testProject(
    () =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['build'],
        run: () => {
          project.write('build/same', kilobytes('same', 2))
          for (const letter of project.read('in')) project.write(`build/${letter}`, kilobytes(letter, 10))
        },
      }),
    { disk: { ...nodeDisk, ...disk } },
  )
  return project
}

/** How the task ended; the cache then looks as if that had been at second `n`. */
async function build(project: TestProject, text: string, n: number, cacheLimit: number): Promise<string> {
  const before = new Map(cached(project, 'traces').map((path) => [path, statSync(path).mtimeMs]))
  project.write('in', text)
  const { states } = await project.run('build', { cacheLimit })
  for (const path of cached(project, 'traces')) {
    if (before.get(path) !== statSync(path).mtimeMs) utimesSync(path, n, n)
  }
  return states['build'] ?? ''
}

function size(project: TestProject): number {
  const all = [...cached(project, 'blobs'), ...cached(project, 'traces')]
  return all.reduce((sum, path) => sum + statSync(path).size, 0)
}

const has = (project: TestProject, letter: string) =>
  existsSync(project.path(`.cache/lakitu/blobs/${place(kilobytes(letter, 10))}`))
const place = (content: string) => `${sha256(content).slice(0, 2)}/${sha256(content)}`

describe('a cache that has grown over its limit', () => {
  it('loses what was used longest ago, until a fifth of it is free', async () => {
    const project = await copying()
    for (const [n, letter] of [...'abcd'].entries()) await build(project, letter, n, 60_000)
    expect(size(project)).toBeGreaterThan(48_000)
    // Used again: now b is the oldest.
    expect(await build(project, 'a', 4, 60_000)).toBe('restored')
    expect(await build(project, 'e', 5, 60_000)).toBe('done')
    expect([...'abcde'].map((letter) => has(project, letter))).toEqual([true, false, false, true, true])
    expect(await build(project, 'f', 6, 60_000)).toBe('done')
    expect(size(project)).toBeLessThan(60_000)
    expect([...'abcdef'].map((letter) => has(project, letter))).toEqual([true, false, false, true, true, true])
    expect(await build(project, 'a', 7, 60_000)).toBe('restored')
    expect(await build(project, 'b', 8, 60_000)).toBe('done')
  })

  it('may be as big as 10 GiB where nobody says otherwise', () => {
    expect(defaultCacheLimit).toBe(10_737_418_240)
  })

  it('never loses what this run stored or put back, nor what another trace names', async () => {
    const project = await copying()
    for (const [n, text] of ['ab', 'bc', 'cd'].entries()) await build(project, text, n, 1)
    expect([...'abcd'].map((letter) => has(project, letter))).toEqual([false, false, true, true])
    await build(project, 'ab', 3, 70_000)
    await build(project, 'bc', 4, 70_000)
    expect(await build(project, 'cd', 5, 40_000)).toBe('restored')
    expect([...'abcd'].map((letter) => has(project, letter))).toEqual([false, false, true, true])
    expect(project.has('build/c')).toBe(true)
  })

  it('loses what no trace names before anything else', async () => {
    const project = await copying()
    await build(project, 'a', 0, 1e9)
    const orphan = `.cache/lakitu/blobs/${place('orphan')}`
    project.write(orphan, kilobytes('orphan', 3))
    project.write(`${orphan}.0123.new`, kilobytes('half', 3))
    project.remove('.cache/lakitu/cached-size')
    await build(project, 'b', 1, 40_000)
    expect([project.has(orphan), has(project, 'a'), has(project, 'b')]).toEqual([false, true, true])
    expect(project.has(`${orphan}.0123.new`)).toBe(false)
    expect(readdirSync(project.path('.cache/lakitu/blobs')).length).toBeGreaterThan(0)
  })

  it.each<[string, (project: TestProject) => void]>([
    ['is as it was left', () => {}],
    ['is missing', (project) => project.remove('.cache/lakitu/cached-size')],
    ['is damaged', (project) => project.write('.cache/lakitu/cached-size', '3 0123')],
    ['is cut off', (project) => project.write('.cache/lakitu/cached-size', '')],
  ])('is noticed though the note of its size %s', async (_what, spoil) => {
    const project = await copying()
    await build(project, 'a', 0, 1e9)
    await build(project, 'b', 1, 1e9)
    expect(project.read('.cache/lakitu/cached-size').split(' ')[0]).toBe(String(size(project)))
    spoil(project)
    await build(project, 'c', 2, 35_000)
    expect([...'abc'].map((letter) => has(project, letter))).toEqual([false, false, true])
    expect(project.read('.cache/lakitu/cached-size').split(' ')[0]).toBe(String(size(project)))
  })

  it('has no note of its size while something is stored: a crash leaves none', async () => {
    const noted: boolean[] = []
    const project = await copying({
      copy: (from, to, mode) => {
        noted.push(project.has('.cache/lakitu/cached-size'))
        return nodeDisk.copy(from, to, mode)
      },
    })
    await build(project, 'a', 0, 1e9)
    await build(project, 'b', 1, 1e9)
    expect([new Set(noted), project.has('.cache/lakitu/cached-size')]).toEqual([new Set([false]), true])
  })

  it('is left alone by a run that stores nothing', async () => {
    const project = await copying()
    await build(project, 'a', 0, 1e9)
    await build(project, 'b', 1, 1e9)
    await build(project, 'b', 2, 1)
    expect([...'ab'].map((letter) => has(project, letter))).toEqual([true, true])
  })
})
