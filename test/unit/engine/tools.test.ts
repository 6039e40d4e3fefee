import { chmodSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { tool } from '../../../src/define/inputs.ts'
import { secret } from '../../../src/define/secret.ts'
import { task } from '../../../src/define/task.ts'
import type { ToolInput } from '../../../src/model/input.ts'
import { type TestProject, testProject } from '../../support/project.ts'
import { sayingProcesses } from '../../support/said.ts'

interface Tooled {
  readonly input?: ToolInput
  /** How long ago files were written, in ms. */
  readonly age?: number
  readonly onAsk?: (project: TestProject) => void
}

/** A task with a tool, `bin/mytool`, which is a link to a folder's file. */
async function tooled({ input = tool('./bin/mytool', '--version').trustFile(), age = 60_000, onAsk }: Tooled = {}) {
  let version = 'v1'
  const said = sayingProcesses(() => {
    onAsk?.(project)
    return [version]
  })
  const project: TestProject = await testProject(
    () => [task('x', { inputs: { mine: input }, run: (ctx) => ctx.inputs.mine })],
    {
      processes: said.processes,
      disk: {
        ...nodeDisk,
        identity: (path) => {
          const identity = nodeDisk.identity(path)
          return identity && { ...identity, mtime: identity.mtime - age, ctime: identity.ctime - age }
        },
      },
      environment: { PATH: '', TOKEN: 'the secret of it' },
    },
  )
  const install = (folder: string, now: string) => {
    project.write(`${folder}/mytool`, now)
    chmodSync(project.path(`${folder}/mytool`), 0o755)
    version = now
  }
  install('opt/1', 'v1')
  symlinkSync('1', project.path('opt/now'))
  project.write('bin/other', '')
  symlinkSync('../opt/now/mytool', project.path('bin/mytool'))
  const say = (now: string) => {
    version = now
  }
  return { project, install, say, asked: () => said.requests.length }
}

describe('a tool whose file is trusted', () => {
  it('is not asked while its file is unchanged', async () => {
    const { project, asked } = await tooled()
    expect((await project.run('x')).ran).toEqual(['x'])
    expect(project.open().state.history('x', 'task').success?.value).toBe('v1')
    expect((await project.run('x')).ran).toEqual([])
    expect(await project.plan('x')).toEqual({ x: 'fresh' })
    expect(asked()).toBe(1)
  })

  it.each<[string, (t: Awaited<ReturnType<typeof tooled>>) => void]>([
    ['its file', ({ install }) => install('opt/1', 'v2')],
    [
      'a link to a folder on the way',
      ({ project, install }) => {
        install('opt/2', 'v2')
        unlinkSync(project.path('opt/now'))
        symlinkSync('2', project.path('opt/now'))
      },
    ],
    [
      'the link that it is',
      ({ project, install }) => {
        install('opt/3', 'v2')
        symlinkSync('../opt/3/mytool', project.path('bin/new'))
        renameSync(project.path('bin/new'), project.path('bin/mytool'))
      },
    ],
  ])('is asked again when %s changed', async (_, change) => {
    const made = await tooled()
    await made.project.run('x')
    change(made)
    expect((await made.project.run('x')).why['x']).toEqual(['inputs › mine: "v1" → "v2"'])
    expect(made.asked()).toBe(2)
    expect((await made.project.run('x')).ran).toEqual([])
    expect(made.asked()).toBe(2)
  })

  it('is asked each time while its file is so new that its times prove nothing', async () => {
    const { project, asked } = await tooled({ age: 1000 })
    await project.run('x')
    await project.run('x')
    expect(asked()).toBe(2)
  })

  it('is asked again when its file changed while it was asked', async () => {
    const { project, asked } = await tooled({ onAsk: (p) => p.write('opt/1/mytool', 'changing') })
    await project.run('x')
    await project.run('x')
    expect(asked()).toBe(2)
  })

  it('is remembered by runs alone, and not where it says a secret', async () => {
    const { project, asked, say } = await tooled()
    await project.run('x')
    project.remove('.cache/lakitu/tools')
    await project.plan('x')
    expect([asked(), project.has('.cache/lakitu/tools')]).toEqual([2, false])
    say('the secret of it')
    const known = await testProject(
      () => [
        task('x', {
          inputs: { token: secret({ env: 'TOKEN' }), mine: tool('./opt/1/mytool').trustFile() },
          run: () => {},
        }),
      ],
      project.ports,
    )
    known.write('opt/1/mytool', '')
    chmodSync(known.path('opt/1/mytool'), 0o755)
    expect((await known.run('x')).endings['x']).toMatchObject({ error: { code: 'E_SECRET_IN_VALUE' } })
    expect(known.has('.cache/lakitu/tools')).toBe(false)
  })
})

describe('a tool', () => {
  it('is asked in each process where nothing else is said', async () => {
    const input = tool('./bin/mytool', '--version')
    expectTypeOf(input.trustFile()).toEqualTypeOf<ToolInput>()
    const { project, asked } = await tooled({ input })
    await project.run('x')
    await project.run('x')
    expect(asked()).toBe(2)
    expect(project.has('.cache/lakitu/tools')).toBe(false)
  })
})
