import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { nodeDisk } from '../../src/adapters/node-disk.ts'
import { files } from '../../src/define/inputs.ts'
import { task } from '../../src/define/task.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { type Ran, type TestProject, testProject } from './project.ts'

/** Copies `in` to build/copy; beside it what is the same each time, links, and empty folders. */
export async function building(disk: Partial<Disk> = {}): Promise<TestProject> {
  const project = await testProject(
    () =>
      task('build', {
        inputs: { in: files('in') },
        outputs: ['build', 'single'],
        run: () => {
          const text = project.read('in')
          project.write('build/copy', text)
          project.write(`build/only-${text}`, text)
          project.write('build/same', 'same')
          project.write('build/locked/x', text)
          project.write('single', text)
          chmodSync(project.path('build/copy'), text === 'A' ? 0o755 : 0o640)
          symlinkSync(text === 'A' ? 'copy' : 'same', project.path('build/link'))
          symlinkSync('nowhere → at all', project.path('build/dangling'))
          mkdirSync(project.path(`build/empty-${text}/inner`), { recursive: true })
          chmodSync(project.path(`build/empty-${text}`), 0o700)
        },
      }),
    { disk: { ...nodeDisk, ...disk } },
  )
  return project
}

/** Path → what is there: mode and content. */
export function tree(project: TestProject, folder = 'build'): Readonly<Record<string, string>> {
  const all = readdirSync(project.path(folder), { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    all
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => {
        const stats = lstatSync(path)
        const holds = stats.isSymbolicLink()
          ? readlinkSync(path)
          : stats.isFile()
            ? project.read(path.slice(project.root.length))
            : ''
        return [path.slice(project.root.length + 1), `${(stats.mode & 0o7777).toString(8)} ${holds}`]
      }),
  )
}

export async function build(project: TestProject, text: string): Promise<Ran> {
  project.write('in', text)
  return project.run('build')
}

export function notices({ events }: Ran): readonly string[] {
  return events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))
}

/** Files below the cache's folder, the biggest first. */
export function cached(project: TestProject, kind: 'blobs' | 'traces'): readonly string[] {
  const folder = project.path(`.cache/lakitu/${kind}`)
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
