import { expect, it } from 'vitest'
import { explain, settledBefore } from '../../../src/engine/explain.ts'
import { learnSecrets } from '../../../src/engine/masking.ts'
import { type EffectOptions, type ExplainContext, effect, secret, task, value } from '../../../src/index.ts'
import type { TreePath } from '../../../src/util/paths.ts'
import { type TestProject, testProject } from '../../support/project.ts'

type Explain = EffectOptions<number, Readonly<Record<never, never>>, Readonly<Record<never, never>>>['explain']

async function explained(project: TestProject, file?: string) {
  const opened = project.open()
  learnSecrets(opened)
  const node = opened.graph.byName.get('up')
  if (!node) throw new Error('no up')
  const { signal } = new AbortController()
  const asked = file === undefined ? {} : { file: file as TreePath }
  return explain(opened, node, { settled: settledBefore(opened), signal, ...asked })
}

function upWith(say: Explain): Promise<TestProject> {
  return testProject(() => [effect('up', { probe: () => 1, run: () => {}, ...(say ? { explain: say } : {}) })])
}

it('an effect explains itself from its inputs, its needs and what is recorded', async () => {
  const seen: unknown[] = []
  let broken = false
  const project = await testProject(() => {
    const need = task('need', { inputs: { v: value('v') }, run: () => 'made' })
    const up = effect('up', {
      needs: { need },
      inputs: { size: value(3) },
      probe: () => ({ here: true }),
      explain: ({ name, inputs, needs, recorded, file }) => {
        seen.push({ name, inputs, needs, recorded, file })
        return ['one', 'two\nthree']
      },
      run: async ({ note }) => {
        await note('owed', ['host'])
        if (broken) throw new Error('half-way')
      },
    })
    return [need, up]
  })
  // Its need has no value that it could work with.
  expect(await explained(project)).toEqual([])
  await project.run('need')
  expect(await explained(project)).toEqual(['one', 'two', 'three'])
  await project.run('up')
  await explained(project, 'a/file')
  broken = true
  await project.run('up', { force: true })
  await explained(project)
  const asked = { name: 'up', inputs: { size: 3 }, needs: { need: 'made' }, file: undefined }
  const notes = { owed: ['host'] }
  const done = { outcome: 'done', notes, value: { here: true } }
  expect(seen).toEqual([
    { ...asked, recorded: { notes: {} } },
    { ...asked, recorded: done, file: 'a/file' },
    { ...asked, recorded: { ...done, outcome: 'failed' } },
  ])
})

it('what keeps an effect from explaining itself is told in one line', async () => {
  const throws = await upWith(() => {
    throw new Error('no idea\nat all')
  })
  expect(await explained(throws)).toEqual(['Error: no idea'])
  const hangs = await upWith(() => new Promise(() => {}))
  expect(await explained(hangs)).toEqual(['no answer within 30 s'])
})

it('shows no secret and no control characters, and tells its programs to stop when it has ended', async () => {
  let over: AbortSignal | undefined
  const project = await testProject(
    () => [
      effect('up', {
        inputs: { token: secret({ env: 'TOKEN' }) },
        probe: () => 1,
        run: () => {},
        explain: (ctx) => {
          over = ctx.signal
          return [`with ${ctx.secret(ctx.inputs.token)} \x1b[2J`]
        },
      }),
    ],
    { environment: { TOKEN: 'very secret', PATH: process.env['PATH'] } },
  )
  await project.run('up')
  expect(await explained(project)).toEqual(['with *** \\u001b[2J'])
  expect(over?.aborted).toBe(true)
})

it('has the types of the task that it belongs to', () => {
  const need = task('need', { run: () => 1 })
  effect('up', {
    needs: { need },
    probe: () => 1,
    run: () => {},
    explain: ({ needs }) => {
      const made: number = needs.need
      return [String(made)]
    },
  })
  const any: (context: ExplainContext) => void = () => {}
  expect(any).toBeDefined()
})
