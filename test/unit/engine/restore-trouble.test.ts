import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { build, building, cached, notices, tree } from '../../support/building.ts'
import { testProject } from '../../support/project.ts'

describe('while the disk and the person are at work', () => {
  it('an input that moves during a restore leaves no record: the task runs', async () => {
    let edit = () => {}
    const project = await building({
      copy: (from, to, mode) => {
        if (to.includes('/restoring/')) edit()
        return nodeDisk.copy(from, to, mode)
      },
    })
    await build(project, 'A')
    await build(project, 'B')
    edit = () => {
      edit = () => {}
      // There and back again.
      project.write('in', 'C')
      project.write('in', 'A')
    }
    const { ran, restored, why, outcome } = await build(project, 'A')
    expect([ran, restored, why, outcome]).toEqual([['build', 'build'], [], { build: [expect.any(String)] }, 'done'])
    expect((await build(project, 'B')).restored).toEqual(['build'])
  })

  it.each(['/blobs/', '/traces/'])('a disk that is full for %s costs the entry, not the task', async (where) => {
    const full = (path: string) => {
      if (path.includes(where)) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    const project = await building({
      copy: (from, to, mode) => {
        full(to)
        return nodeDisk.copy(from, to, mode)
      },
      open: (path, how) => {
        full(path)
        return nodeDisk.open(path, how)
      },
    })
    const first = await build(project, 'A')
    expect([first.outcome, notices(first)]).toEqual(['done', ['its result is not cached: The disk is full']])
    expect(cached(project, 'traces')).toEqual([])
    expect(cached(project, 'blobs').filter((path) => path.endsWith('.new'))).toEqual([])
    expect(await project.run('build')).toMatchObject({ ran: [], states: { build: 'fresh' } })
  })

  it('a disk that fails while putting back costs the restore, not the task', async () => {
    let failing = false
    const project = await building({
      rename: (from, to) => {
        if (failing && to.endsWith('build/copy')) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
        nodeDisk.rename(from, to)
      },
    })
    await build(project, 'A')
    const a = tree(project)
    await build(project, 'B')
    failing = true
    const again = await build(project, 'A')
    expect([again.ran, notices(again)]).toEqual([
      ['build'],
      ['its cached result cannot be restored (Error: EIO: i/o error), so it runs'],
    ])
    expect(tree(project)).toEqual(a)
  })

  it('a stop during a restore leaves no record', async () => {
    const stop = new AbortController()
    const project = await building({
      copy: (from, to, mode) => {
        if (to.includes('/restoring/')) stop.abort()
        return nodeDisk.copy(from, to, mode)
      },
    })
    await build(project, 'A')
    await build(project, 'B')
    project.write('in', 'A')
    const stopped = await project.run('build', { stop: { signal: stop.signal, hurry: stop.signal } })
    expect([stopped.outcome, stopped.ran]).toEqual(['stopped', []])
    expect(await project.plan('build')).toEqual({ build: 'will' })
    expect((await project.run('build')).restored).toEqual(['build'])
  })
})

describe('a blob', () => {
  it('is for the eyes of its owner alone, whatever the mode of the output', async () => {
    const project = await building()
    await build(project, 'A')
    const modes = new Set(cached(project, 'blobs').map((path) => statSync(path).mode & 0o777))
    expect(modes).toEqual(new Set([0o400]))
  })
})

describe('a disk whose times are whole seconds', () => {
  it('lets no edit during a run get into the cache that its times do not show', async () => {
    const second = (ms: number) => Math.floor(ms / 1000) * 1000
    let edit = () => {}
    const project = await testProject(
      () =>
        task('build', {
          inputs: { in: files('in') },
          outputs: ['out'],
          run: () => {
            edit()
            project.write('out', project.read('in'))
          },
        }),
      {
        disk: {
          ...nodeDisk,
          identity: (path) => {
            const seen = nodeDisk.identity(path)
            return path.endsWith('/in') && seen
              ? { ...seen, mtime: second(seen.mtime), ctime: second(seen.ctime), inode: 1 }
              : seen
          },
        },
      },
    )
    edit = () => {
      edit = () => {}
      project.write('in', 'B')
    }
    expect((await build(project, 'A')).ran).toEqual(['build', 'build'])
    expect(project.read('out')).toBe('B')
    expect((await build(project, 'A')).ran).toEqual(['build'])
    expect(project.read('out')).toBe('A')
  })
})
