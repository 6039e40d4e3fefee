import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { build, tree } from '../../support/building.ts'
import { type TestProject, testProject } from '../../support/project.ts'

/** A disk that is gone from its nth change on: before that change, or right after it. */
class DyingDisk {
  left = Number.POSITIVE_INFINITY
  private readonly late: boolean
  readonly disk: Disk

  constructor(late: boolean) {
    this.late = late
    const change = <T>(call: () => T): T => {
      this.left -= 1
      if (this.left > 0) return call()
      if (this.left === 0 && this.late) call()
      throw new Error('the power is gone')
    }
    this.disk = {
      ...nodeDisk,
      copy: (from, to, mode) => change(() => nodeDisk.copy(from, to, mode)),
      rename: (from, to) => change(() => nodeDisk.rename(from, to)),
      remove: (path) => change(() => nodeDisk.remove(path)),
      makeFolder: (path, mode) => change(() => nodeDisk.makeFolder(path, mode)),
      makeLink: (path, text) => change(() => nodeDisk.makeLink(path, text)),
      setMode: (path, mode) => change(() => nodeDisk.setMode(path, mode)),
      open: (path, how) => {
        const file = change(() => nodeDisk.open(path, how))
        return {
          ...file,
          sync: () => file.sync(),
          close: () => file.close(),
          truncate: (n) => change(() => file.truncate(n)),
          write: (bytes, at) => change(() => file.write(bytes, at)),
        }
      },
    }
  }
}

/** Makes a file, a link and a folder, all after `in`; what it writes itself, it writes past the disk that dies. */
async function small(disk: Disk): Promise<TestProject> {
  const project = await testProject(
    () =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['build', 'single'],
        run: () => {
          const text = project.read('in')
          project.write(`build/only-${text}/x`, text)
          project.write('build/copy', text)
          if (!existsSync(project.path('build/link'))) symlinkSync(`only-${text}/x`, project.path('build/link'))
          project.write('single', text)
        },
      }),
    { disk },
  )
  return project
}

function whole(text: string, mine: boolean): Readonly<Record<string, string>> {
  return {
    'build/copy': `644 ${text}`,
    'build/link': `777 only-${text}/x`,
    [`build/only-${text}`]: '755 ',
    [`build/only-${text}/x`]: `644 ${text}`,
    ...(mine ? { 'build/mine': '644 mine' } : {}),
  }
}

it.each([
  ['before', false],
  ['after', true],
])(
  'a crash %s any change of the disk, while storing or putting back, leaves nothing half',
  async (_when, late) => {
    const dying = new DyingDisk(late)
    const counts = { crashed: 0, restored: 0 }
    // Every third change, beginning with another one for each kind of crash.
    for (let n = late ? 2 : 1, alive = false; !alive; n += 3) {
      const project = await small(dying.disk)
      const ends = async (text: string, mine: boolean) => {
        dying.left = n
        await build(project, text).catch(() => undefined)
        const survived = dying.left > 0
        dying.left = Number.POSITIVE_INFINITY
        if (!survived) counts.crashed += 1
        // First as if the edit had been taken back: of what the crash left, nothing may stay.
        for (const now of survived ? [text] : ['B', text]) {
          const { outcome, restored } = await build(project, now)
          expect([n, outcome]).toEqual([n, 'done'])
          counts.restored += restored.length
          expect([n, tree(project), project.read('single')]).toEqual([n, whole(now, mine), now])
        }
        expect(await project.run('build')).toMatchObject({ ran: [], restored: [] })
        return survived
      }
      for (const text of ['A', 'B']) await build(project, text)
      project.write('build/mine', 'mine')
      const restored = await ends('A', true)
      project.remove('build/mine')
      alive = (await ends('D', false)) && restored
      const staged = project.path('.cache/lakitu/restoring')
      expect(existsSync(staged) ? readdirSync(staged) : []).toEqual([])
    }
    expect(Math.min(counts.crashed, counts.restored)).toBeGreaterThan(8)
  },
  60_000,
)
