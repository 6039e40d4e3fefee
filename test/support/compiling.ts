import { existsSync, readFileSync } from 'node:fs'
import { files } from '../../src/define/inputs.ts'
import { task } from '../../src/define/task.ts'
import type { Ports } from '../../src/engine/ports.ts'
import { settleTimes, type TestProject, testProject } from './project.ts'

/**
 * Something like a C compiler: copies main.c and what it includes, a line each, to out, and writes a depfile. An include is
 * looked for in src, then in inc.
 */
export function compile(project: TestProject, during: () => void = () => {}): void {
  // Opened as written: `..` is for the system to follow.
  const place = (path: string) => (path.startsWith('/') ? path : `${project.root}/${path}`)
  const lines = project.read('src/main.c').split('\n')
  const included = lines.map((name) => {
    const found = [name, `src/${name}`, `inc/${name}`].find((path) => existsSync(place(path)))
    if (found === undefined) throw new Error(`${name} not found`)
    return found
  })
  const text = included.map((path) => readFileSync(place(path), 'utf8'))
  during()
  project.write('out', text.join(' '))
  project.write('out.d', `out: src/main.c ${included.join(' \\\n  ')}\n`)
}

/** A project of one such task, of which `during` may edit things. */
export async function compiling(
  during: (run: number) => void = () => {},
  ports: Partial<Ports> = {},
): Promise<TestProject> {
  let runs = 0
  const cc = () =>
    task('cc', {
      inputs: { main: files('src/main.c') },
      outputs: ['out'],
      depfile: 'out.d',
      run: () => {
        runs += 1
        compile(project, () => during(runs))
      },
    })
  const project = await testProject(() => [cc()], ports)
  project.write('src/main.c', 'a.h')
  project.write('inc/a.h', 'a1')
  project.write('inc/b.h', 'b1')
  await settleTimes()
  return project
}

/** What the task's last success discovered. */
export const recorded = (project: TestProject, name: string) =>
  Object.keys(project.open().state.history(name, 'task').success?.discovered ?? {})
