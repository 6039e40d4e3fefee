import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPython } from '../support/python.ts'

const python = findPython()
const ansible = join(import.meta.dirname, '..', '..', 'ansible')

interface Told {
  readonly event: string
  readonly [field: string]: unknown
}

/** What the callback plugin and our own modules tell of a run on this computer as if it were a host. */
describe.skipIf(python === undefined)('events of ansible-playbook (needs Python 3.11 to 3.13 with venv)', () => {
  let folder: string
  const owner = userInfo().username
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()
  const path = (name: string) => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lakitu-events-'))
    execFileSync(python ?? '', ['-m', 'venv', path('venv')])
    execFileSync(path('venv/bin/pip'), [
      'install',
      '--quiet',
      '--require-hashes',
      '-r',
      join(ansible, 'requirements.txt'),
    ])
    const host = { ansible_connection: 'local', ansible_python_interpreter: path('venv/bin/python') }
    writeFileSync(path('inventory.json'), JSON.stringify({ all: { hosts: { here: host } } }))
    mkdirSync(path('templates'))
    mkdirSync(path('bin'))
    writeFileSync(path('bin/journalctl'), '#!/bin/sh\necho its last words\n', { mode: 0o755 })
  }, 600_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function play(tasks: readonly object[], ...words: readonly string[]): Promise<readonly Told[]> {
    const environment = { PATH: `${path('bin')}:${process.env['PATH']}` }
    writeFileSync(path('play.yml'), JSON.stringify([{ hosts: 'all', gather_facts: false, environment, tasks }]))
    const child = spawn(path('venv/bin/ansible-playbook'), ['-i', 'inventory.json', 'play.yml', ...words], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        LC_ALL: 'C.UTF-8',
        ANSIBLE_CONFIG: join(ansible, 'ansible.cfg'),
        ANSIBLE_HOME: path('home'),
        ANSIBLE_NOCOLOR: '1',
        LAKITU_EVENTS_FD: '3',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdio[3]?.on('data', (bytes: Buffer) => chunks.push(bytes))
    await once(child, 'close')
    const lines = Buffer.concat(chunks).toString().trim().split('\n')
    return lines.map((line) => JSON.parse(line))
  }

  const of = (told: readonly Told[], event: string) => told.filter((line) => line.event === event)
  const written = (more: object = {}) => ({
    written: {
      content: "{{ lookup('template', 'one.conf') }}",
      dest: path('one.conf'),
      owner,
      group,
      mode: '0640',
      ...more,
    },
  })

  it('tells what a check would change, changes nothing, and is silent once it is so', async () => {
    writeFileSync(path('templates/one.conf'), 'first {# of all #}{{ 1 + 1 }}\n')
    const asked = await play([written()], '--check', '--diff')
    expect(of(asked, 'diff')).toMatchObject([{ host: 'here', item: null, cut: false }])
    expect(of(asked, 'diff')[0]?.['text']).toContain('\n+first 2\n')
    expect(of(asked, 'ok')).toMatchObject([{ changed: true, actions: [] }])
    expect(() => readFileSync(path('one.conf'))).toThrow(/ENOENT/)
    expect(of(await play([written()]), 'diff')).toEqual([])
    expect(readFileSync(path('one.conf'), 'utf8')).toBe('first 2\n')
    const again = await play([written()], '--diff')
    expect([of(again, 'diff'), of(again, 'ok')[0]?.['changed']]).toEqual([[], false])
  })

  it('cuts a long diff, and names the item of a loop', async () => {
    const long = { content: '{{ item }}', dest: '{{ folder }}/long' }
    const step = { ...written(long), vars: { folder }, loop: ['x\n'.repeat(5000)], loop_control: { label: 'many' } }
    const [diff] = of(await play([step], '--diff'), 'diff')
    expect(diff).toMatchObject({ item: 'many', cut: true })
    expect(String(diff?.['text'])).toHaveLength(4000)
  })

  it('keeps what no_log hides to itself', async () => {
    const secret = { content: 'the password', dest: path('secret') }
    const told = await play([{ ...written(secret), no_log: true }], '--diff')
    expect(of(told, 'ok')).toMatchObject([{ changed: true, msg: null }])
    expect(JSON.stringify(told)).not.toContain('password')
    expect(of(told, 'diff')).toEqual([])
  })

  it('leaves the old text where the new one is refused, which is no matter of health', async () => {
    const told = await play([written({ content: 'bad', validate: "sh -c 'echo cannot be; exit 3' %s" })])
    const refused = { msg: 'failed to validate', rc: 3, stdout: 'cannot be\n', unhealthy: false }
    expect(of(told, 'failed')).toMatchObject([refused])
    const unquoted = await play([written({ content: 'bad', mode: 0o640 })])
    expect(of(unquoted, 'failed')[0]?.['msg']).toMatch('mode is 416; it must be octal')
    expect(readFileSync(path('one.conf'), 'utf8')).toBe('first 2\n')
  })

  it('tells an agent that is not healthy from a step that failed, with the end of its log', async () => {
    const ask = {
      name: 'consul',
      digest: 'true',
      url: 'http://127.0.0.1:9',
      ask: ['consul'],
      only: 'health',
      timeout: 0,
    }
    const [failed] = of(await play([{ agent: ask }]), 'failed')
    expect(failed).toMatchObject({ unhealthy: true, actions: [], stdout: 'its last words\n' })
    expect(failed?.['msg']).toMatch('consul: not healthy after 0 s: its HTTP does not answer')
    const [other] = of(await play([{ agent: { ...ask, ask: ['vault'] } }]), 'failed')
    expect(other).toMatchObject({ unhealthy: false, msg: expect.stringContaining('vault') })
  })

  it('says of what is skipped in a check whether it would have run', async () => {
    const command = { 'ansible.builtin.command': 'true' }
    const told = await play([command, { ...command, when: false }], '--check')
    expect(of(told, 'skipped').map((line) => line['reason'])).toEqual([
      'Command would have run if not in check mode',
      'Conditional result was False',
    ])
  })
})
