import { chmodSync, linkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { task } from '../../../src/define/task.ts'
import { settleTimes, type TestProject, testProject } from '../../support/project.ts'

/** A task during whose runs something happens to its input. */
async function copying(
  during: (project: TestProject, run: number) => void,
  reads: 'declared' | 'discovered' = 'declared',
) {
  let run = 0
  const project: TestProject = await testProject(() => [
    task('copy', {
      inputs: { src: files(reads === 'declared' ? 'src.txt' : 'other.txt') },
      outputs: ['out.txt'],
      run: (ctx) => {
        run += 1
        project.write('out.txt', ctx.read('src.txt') ?? '')
        during(project, run)
      },
    }),
  ])
  project.write('src.txt', 'v1')
  return project
}

/** As a backup does that makes hard links: a new ctime, and nothing else. */
function link(project: TestProject, run: number): void {
  linkSync(project.path('src.txt'), project.path(`link-${run}`))
}

describe('an input of which nothing but the ctime moves', () => {
  it.each(['declared', 'discovered'] as const)('twice in a row is recorded, with a warning (%s)', async (reads) => {
    const project = await copying(link, reads)
    const { ran, outcome, events } = await project.run('copy')
    expect([ran, outcome]).toEqual([['copy', 'copy'], 'done'])
    const text = 'something touched src.txt while copy ran, twice: its content is what it was, so the run counts'
    expect(events.filter((event) => event.type === 'notice')).toEqual([
      expect.objectContaining({ level: 'warning', text, task: 'copy' }),
    ])
    expect(project.read('.cache/lakitu/logs/copy.log')).toContain(text)
    expect((await project.run('copy')).ran).toEqual([])
  })

  it('may be one that a depfile names and the last run knew', async () => {
    let run = 0
    const project: TestProject = await testProject(() => [
      task('cc', {
        inputs: [files('flags')],
        outputs: ['out.o'],
        depfile: 'out.d',
        run: () => {
          run += 1
          project.write('out.o', project.read('src.txt'))
          project.write('out.d', 'out.o: src.txt')
          if (run > 1) link(project, run)
        },
      }),
    ])
    project.write('src.txt', 'v1')
    await settleTimes()
    expect((await project.run('cc')).ran).toEqual(['cc'])
    project.write('flags', '-O2')
    const { ran, outcome, events } = await project.run('cc')
    expect([ran, outcome]).toEqual([['cc', 'cc'], 'done'])
    expect(events.filter((event) => event.type === 'notice')).toHaveLength(1)
    expect((await project.run('cc')).ran).toEqual([])
  })

  it('once runs the task again, without a word', async () => {
    const project = await copying((p, run) => run === 1 && link(p, run))
    const { ran, outcome, events } = await project.run('copy')
    expect([ran, outcome]).toEqual([['copy', 'copy'], 'done'])
    expect(events.filter((event) => event.type === 'notice')).toEqual([])
  })

  it.each<[string, (project: TestProject, run: number) => void]>([
    ['and then is written', (p, run) => (run === 1 ? link(p, run) : p.write('src.txt', 'v1'))],
    ['after it was written', (p, run) => (run === 1 ? p.write('src.txt', 'v1') : link(p, run))],
    ['and its mode', (p, run) => chmodSync(p.path('src.txt'), run === 1 ? 0o600 : 0o640)],
  ])('%s is an error', async (_, during) => {
    const project = await copying(during)
    expect((await project.run('copy')).endings['copy']).toMatchObject({ error: { code: 'E_INPUT_MOVED' } })
  })
})
