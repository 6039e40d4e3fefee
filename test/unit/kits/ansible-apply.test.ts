import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { LakituError } from 'lakitu'
import { beforeEach, expect, test } from 'vitest'
import { AppliedProject, broken, lost, unhealthy } from '../../support/applying.ts'
import { listening } from '../../support/greeting.ts'

const page = 'ansible/roles/web/templates/page.html'
let project: AppliedProject

beforeEach(() => {
  project = new AppliedProject()
})

async function errorOf(running: Promise<unknown>): Promise<LakituError> {
  const error = await running.then(
    () => undefined,
    (found: unknown) => found,
  )
  if (error instanceof LakituError) return error
  throw new Error(`expected a LakituError, got ${String(error)}`)
}

test('the first apply runs everything, the next one nothing', async () => {
  expect(await project.apply()).toEqual([''])
  expect(project.partial).toBe(false)
  expect(await project.apply()).toEqual([])
  expect(project.logs.at(-1)).toMatch('nothing to apply')
})

test('an edit runs its part, says why, and is then done', async () => {
  await project.apply()
  project.edit(page)
  expect(await project.apply()).toEqual(['--tags web:config'])
  expect(project.logs).toContain(`${page} → role web, config, on a b c`)
  expect(project.partial).toBe(true)
  expect(await project.apply()).toEqual([])
})

test('an edit that is taken back before its turn runs nothing', async () => {
  await project.apply()
  project.edit(page)
  project.write(page, 'Hello from {{ inventory_hostname }}\n')
  expect(await project.apply()).toEqual([])
})

test('an edit that failed and was then taken back is undone on the hosts', async () => {
  await project.apply()
  project.edit(page)
  await errorOf(project.apply([broken('a')]))
  project.write(page, 'Hello from {{ inventory_hostname }}\n')
  expect(await project.apply()).toEqual(['--tags role:web'])
  expect(project.logs[0]).toBe('role web did not end well the last time → role web, on a b c')
  expect(await project.apply()).toEqual([])
})

test('what is edited while it is applied is applied once more, also when it was taken back', async () => {
  await project.apply()
  project.edit(page)
  const meanwhile = () => {
    project.edit(page)
    project.write(page, 'Hello from {{ inventory_hostname }}\n# edited\n')
  }
  expect(await project.apply([{ meanwhile }])).toEqual(['--tags web:config'])
  expect(await project.apply()).toEqual(['--tags role:web'])
  expect(project.logs[0]).toBe('role web was edited while it was applied → role web, on a b c')
})

test.each([
  ['a file of variables', 'ansible/group_vars/all.yml'],
  ['a template', 'ansible/roles/web/templates/new'],
])('%s that comes and goes while it is applied makes it due once more', async (_, path) => {
  await project.apply()
  project.write('ansible/group_vars/x.yml', '')
  await project.apply()
  project.edit(page)
  const meanwhile = () => {
    project.write(path, 'greeting: hi\n')
    project.remove(path)
  }
  expect(await project.apply([{ meanwhile }])).toEqual(['--tags web:config'])
  expect(await project.apply()).toEqual(['--tags role:web'])
})

test('what is edited during a run counts for all hosts of the run, also where only another host was due it', async () => {
  await project.apply()
  project.edit(page)
  const machines = { a: { identity: '1' }, b: { identity: 'new' }, c: { identity: '3' } }
  const meanwhile = () => {
    project.write('ansible/roles/db/defaults/main.yml', 'db_port: 1\n')
    project.write('ansible/roles/db/defaults/main.yml', 'db_port: 5432\n')
  }
  expect(await project.apply([{ meanwhile }], { machines })).toEqual([''])
  expect(await project.apply([], { machines })).toEqual(['--tags role:db'])
  expect(await project.apply([], { machines })).toEqual([])
})

test('a link that leads in a circle is no source, and a large file of variables is read', async () => {
  symlinkSync('loop', join(project.root, 'ansible/roles/web/templates/loop'))
  project.write('ansible/roles/db/defaults/main.yml', `db_port: 1\nlong: ${'x'.repeat(1024 * 1024)}\n`)
  await project.apply()
  project.edit('ansible/roles/db/defaults/main.yml')
  expect(await project.apply()).toEqual([])
})

test('what no role uses may be edited while others are applied', async () => {
  await project.apply()
  project.edit(page)
  await project.apply([{ meanwhile: () => project.write('ansible/roles/db/tasks/main.yml', '[]\n') }])
  expect(await project.apply()).toEqual(['--tags role:db'])
})

test('forced, or after a change beside the sources, it is the whole playbook', async () => {
  await project.apply()
  expect(await project.apply([], { forced: true })).toEqual([''])
  expect(project.logs[0]).toBe('asked for → the whole playbook, on a b c')
})

test('agents that are not healthy after a part get the whole playbook once', async () => {
  await project.apply()
  project.edit(page)
  expect(await project.apply([unhealthy('a')])).toEqual(['--tags web:config', ''])
  expect(project.warnings).toEqual(['web: Start failed on a: once more with the whole playbook'])
  expect(await project.apply()).toEqual([])
})

test('agents that stay unhealthy are an error with what was changed and the end of their log, and stay owed', async () => {
  await project.apply()
  project.edit(page)
  const error = await errorOf(project.apply([unhealthy('a'), unhealthy('b')]))
  expect(error.code).toBe('E_UNHEALTHY')
  expect(error.facts).toMatchObject({ output: 'panic: no config', changed: 'web: Start on a and b\n-old\n+new' })
  expect(await project.apply()).toEqual([''])
})

test('what an agent says over HTTP counts as well', async () => {
  await project.apply()
  project.edit(page)
  let asked = 0
  const once = async () => (asked++ === 0 ? [{ host: 'a', what: 'web on a knows no leader' }] : [])
  expect(await project.apply([], { unhealthy: once })).toEqual(['--tags web:config'])
  expect(asked).toBe(2)
})

test('a host that dies in the middle does not keep the others, and gets its share when it is back', async () => {
  await project.apply()
  project.edit(page)
  const error = await errorOf(project.apply([lost('b')]))
  expect(project.calls).toEqual(['--tags web:config', '--tags web:config --limit a,c'])
  expect([error.code, error.family]).toEqual(['E_HOST_DOWN', 'world'])
  expect(error.message).toBe('b did not answer over ssh: the other hosts are applied, and this is owed')
  expect(await project.apply()).toEqual(['--tags role:web --limit b'])
  expect(await project.apply()).toEqual([])
})

test('what an apply restarted before it lost a host is not taken for what somebody else did', async () => {
  const started: Record<string, string> = { a: 'v1', b: 'v1', c: 'v1' }
  const agents = async () => ({ web: { ...started } })
  await project.apply([], { agents })
  project.edit(page)
  const meanwhile = () => Object.assign(started, { a: 'v2', b: 'unknown', c: 'v2' })
  await errorOf(project.apply([{ ...lost('b'), meanwhile }], { agents }))
  started['b'] = 'v1'
  expect(await project.apply([], { agents })).toEqual(['--tags role:web --limit b'])
})

test('a host whose agent is not as it was left gets everything, also after a failure', async () => {
  const started: Record<string, string> = { a: 'v1', b: 'v1', c: 'v1' }
  const agents = async () => ({ web: { ...started } })
  await project.apply([], { agents })
  project.edit(page)
  await errorOf(project.apply([broken('a')], { agents }))
  started['c'] = 'by hand'
  expect(await project.apply([], { agents })).toEqual([''])
  expect(project.logs).toContain('c is not as it was left: web is another → the whole playbook')
})

test('a host that got lost and that the playbook ignores is owed its share', async () => {
  await project.apply()
  project.edit(page)
  expect((await errorOf(project.apply([{ ...lost('b'), code: 0 }]))).code).toBe('E_HOST_DOWN')
  expect(await project.apply()).toEqual(['--tags role:web --limit b'])
})

test('a host that is down is left out, and gets what was edited meanwhile when it is back', async () => {
  await project.apply()
  const server = await listening('SSH-2.0-test\r\n')
  const up = { address: '127.0.0.1', port: server.port }
  const connections = { a: up, b: { address: '127.0.0.1', port: 1 }, c: up }
  project.edit(page)
  expect((await errorOf(project.apply([], { connections }))).code).toBe('E_HOST_DOWN')
  expect(project.calls).toEqual(['--tags web:config --limit a,c'])
  project.edit('ansible/roles/db/tasks/main.yml')
  project.edit('ansible/roles/db/defaults/main.yml')
  expect(await project.apply()).toEqual(['--tags web:config --limit b'])
  server.close()
})

test('a machine that was made anew gets everything, alone', async () => {
  await project.apply()
  const machines = { a: { identity: '1' }, b: { identity: 'new' }, c: { identity: '3' } }
  expect(await project.apply([], { machines })).toEqual(['--limit b'])
})

test('a file that is gone runs everything, a role that is gone from the playbook too', async () => {
  await project.apply()
  project.write('ansible/roles/db/templates/x', 'x')
  await project.apply()
  project.remove('ansible/roles/db/templates/x')
  expect(await project.apply()).toEqual([''])
})

test('what cannot be read is an error before anything is begun, and no reason to forget what was applied', async () => {
  await project.apply()
  project.write('ansible/roles/web/tasks/main.yml', 'a: [1\n')
  const error = await errorOf(project.apply())
  expect([error.code, project.calls]).toEqual(['E_YAML', []])
  project.write('ansible/roles/web/tasks/main.yml', '[]\n')
  expect(await project.apply()).toEqual(['--tags role:web'])
})
