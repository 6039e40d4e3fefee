import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecOptions, LakituError } from 'lakitu'
import { expect, onTestFinished, test } from 'vitest'
import { closeConnections, controlFolder, ping, playbook, type Runner } from '../../../src/kits/ansible/index.ts'

type Events = readonly Readonly<Record<string, unknown>>[]
interface Call {
  readonly words: readonly string[]
  readonly options: ExecOptions
}

const stats = (changed: number) => ({
  event: 'stats',
  hosts: { lakitu: { ok: 3, changed, failures: 0, unreachable: 0 } },
})
const task = { event: 'task', task: 't', name: 'Configuration', role: 'consul', path: 'ansible/roles/consul/x.yml:7' }
const lost = (host: string) => ({ event: 'unreachable', task: 't', host, msg: 'no route' })

/** An Ansible that is asked once for each of these answers. */
function fakeAnsible(...answers: readonly { readonly code: number; readonly events: Events }[]) {
  const root = mkdtempSync(join(tmpdir(), 'lakitu-test-'))
  const [calls, logs]: [Call[], string[]] = [[], []]
  const runner: Runner = {
    root,
    signal: new AbortController().signal,
    log: (text) => void logs.push(text),
    progress: () => {},
    exec: async (program, args = [], options = {}) => {
      const answer = answers[calls.length]
      calls.push({ words: [program, ...args], options })
      for (const event of answer?.events ?? []) options.onEvent?.(JSON.stringify(event))
      return { code: answer?.code ?? 0, stdout: 'what it printed', stderr: '' }
    },
  }
  onTestFinished(async () => {
    await closeConnections({ root, exec: runner.exec })
    rmSync(root, { recursive: true })
  })
  return { runner, calls, logs, root }
}

async function errorOf(run: Promise<unknown>): Promise<LakituError> {
  const error = await run.then(
    () => undefined,
    (found: unknown) => found,
  )
  if (error instanceof LakituError) return error
  throw new Error(`expected a LakituError, got ${String(error)}`)
}

test('a run is cut off from the Ansible of the user, and told line by line', async () => {
  const changed = { event: 'ok', task: 't', host: 'lakitu', changed: true }
  const { runner, calls, logs, root } = fakeAnsible({ code: 0, events: [task, changed, stats(1)] })
  const { changes } = await playbook(runner, { tags: ['role:consul'], limit: ['lakitu'] })
  expect(changes).toMatchObject([{ host: 'lakitu', line: { role: 'consul', name: 'Configuration' }, diffs: [] }])
  expect(logs).toEqual(['consul: Configuration: changed on lakitu', 'lakitu: 1 step changed'])
  const [call] = calls
  const words = ['-i', '.cache/cluster/inventory', 'ansible/playbook.yml', '--tags', 'role:consul', '--limit', 'lakitu']
  expect(call?.words).toEqual([join(root, '.cache/venv/bin/ansible-playbook'), ...words])
  expect(call?.options.env).toMatchObject({
    ANSIBLE_CONFIG: join(root, 'ansible/ansible.cfg'),
    ANSIBLE_HOME: join(root, '.cache/ansible'),
    LAKITU_EVENTS_FD: '3',
  })
})

test('a failed task is told with role, task, host, message and what the program said', async () => {
  const failed = { event: 'failed', task: 't', host: 'lakitu', msg: 'failed to validate', stderr: 'line 3 is bad\n' }
  const { runner, logs } = fakeAnsible({ code: 2, events: [task, failed, { ...failed, host: 'spiney1' }] })
  const error = await errorOf(playbook(runner))
  expect(error.code).toBe('E_ANSIBLE_TASK')
  expect(error.message).toBe('consul: Configuration failed on lakitu and spiney1')
  expect(error.facts).toEqual({
    role: 'consul',
    task: 'Configuration',
    host: 'lakitu',
    message: 'failed to validate',
    output: 'line 3 is bad',
    where: 'ansible/roles/consul/x.yml:7',
  })
  expect(logs).toContain('  line 3 is bad')
})

test('an ignored failure is none', async () => {
  const ignored = { event: 'failed', task: 't', host: 'lakitu', msg: 'never mind', ignored: true }
  const { runner } = fakeAnsible({ code: 0, events: [task, ignored, stats(0)] })
  expect(await playbook(runner)).toMatchObject({ changes: [], failures: [] })
})

test('a lost host and a run without events are errors of their own', async () => {
  const gone = await errorOf(playbook(fakeAnsible({ code: 4, events: [task, lost('spiney2')] }).runner))
  expect([gone.code, gone.family, gone.message]).toEqual([
    'E_HOST_UNREACHABLE',
    'world',
    'spiney2 does not answer over ssh',
  ])
  const broken = await errorOf(playbook(fakeAnsible({ code: 1, events: [] }).runner))
  expect([broken.code, broken.facts['output']]).toEqual(['E_ANSIBLE', 'what it printed'])
})

test('what is no event is passed over', async () => {
  const { runner } = fakeAnsible({ code: 0, events: [{ event: 'from the future' }, {}, stats(0)] })
  expect(await playbook(runner)).toMatchObject({ changes: [], failures: [] })
})

test('ping asks again, and only those that did not answer', async () => {
  const { runner, calls } = fakeAnsible(
    { code: 4, events: [task, lost('spiney2'), lost('spiney1')] },
    { code: 4, events: [task, lost('spiney2')] },
    { code: 0, events: [] },
  )
  await ping(runner, { pause: 0 })
  expect(calls.map(({ words }) => words.slice(6).join(' '))).toEqual(['', '--limit spiney1,spiney2', '--limit spiney2'])
})

test('ping names the host that never answers', async () => {
  const { runner } = fakeAnsible({ code: 4, events: [task, lost('spiney2')] })
  const error = await errorOf(ping(runner, { patience: 0 }))
  expect([error.code, error.facts['host'], error.facts['message']]).toEqual([
    'E_HOST_UNREACHABLE',
    'spiney2',
    'no route',
  ])
})

test('ping does not wait for what waiting does not mend', async () => {
  const failed = { event: 'failed', task: 't', host: 'lakitu', msg: 'no python' }
  const { runner, calls } = fakeAnsible({ code: 2, events: [task, failed, lost('spiney1')] })
  expect((await errorOf(ping(runner))).facts['message']).toBe('no python')
  expect(calls).toHaveLength(1)
})

test('the folder of the sockets is short, and one per project', () => {
  const deep = `/home/${'x'.repeat(200)}`
  expect(controlFolder(deep).length).toBeLessThan(80)
  expect(controlFolder(deep)).not.toBe(controlFolder('/home/other'))
})
