import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MarkedProject, markedProject } from '../support/marked-project.ts'
import { findPython } from '../support/python.ts'

const python = findPython()
const requirements = join(import.meta.dirname, '..', '..', 'ansible', 'requirements.txt')
const hosts = ['one', 'two', 'three']

const tasks = (venv: string) => `
import { effect } from 'lakitu'
const play = (name: string, options: object) => effect(name, { ...options, probe: () => 1, run: async ({ exec, root }) => {
  await exec('${venv}/bin/ansible-playbook', ['-i', 'inventory', 'play.yml'], {
    env: { ANSIBLE_CONFIG: root + '/ansible.cfg', ANSIBLE_HOME: root + '/home', ANSIBLE_PYTHON_INTERPRETER: '${venv}/bin/python' },
    passEnv: ['MARK'], stopSignal: 'SIGINT', grace: 5000, sweep: true,
  })
} })
export const endless = play('endless', {})
export const limited = play('limited', { timeout: 20_000 })
`
/** A module that goes on for ever on each host, with a child of its own. */
const files = {
  'ansible.cfg': '[defaults]\nforks = 5\n',
  inventory: hosts.map((host) => `${host} ansible_connection=local\n`).join(''),
  'play.yml': `
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.command:
        argv: [sh, -c, "touch {{ playbook_dir }}/begun-{{ inventory_hostname }}; sleep 1000 & wait"]
`,
}

/** A run that the person or the system ends must leave neither workers nor modules behind: they change things. */
describe.skipIf(python === undefined)('ansible-playbook (needs Python 3.11 to 3.13 with venv)', () => {
  let venv: string

  beforeAll(() => {
    venv = mkdtempSync(join(tmpdir(), 'lakitu-venv-'))
    execFileSync(python ?? '', ['-m', 'venv', venv])
    execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', '--require-hashes', '-r', requirements])
  }, 600_000)

  afterAll(() => rmSync(venv, { recursive: true, force: true }))

  async function begun(
    task: string,
  ): Promise<{ made: MarkedProject; running: Awaited<ReturnType<MarkedProject['begun']>> }> {
    const made = await markedProject(tasks(venv), files)
    const running = await made.begun(
      [task],
      hosts.map((host) => `begun-${host}`),
    )
    // The program, a worker for each host, and what runs on the hosts.
    expect(made.alive().length).toBeGreaterThan(2 * hosts.length)
    return { made, running }
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('leaves nothing after %s to lakitu, exit %d', async (signal, code) => {
    const { made, running } = await begun('endless')
    running.kill(signal)
    expect((await running.ended).code).toBe(code)
    expect(made.alive()).toEqual([])
    expect((await made.p.run('plan', 'endless')).stdout).toContain('its last run did not end')
  })

  it('leaves nothing after SIGKILL of lakitu', async () => {
    const { made, running } = await begun('endless')
    running.kill('SIGKILL')
    await once(running.child, 'exit')
    await made.gone()
  })

  it('leaves nothing after SIGKILL of lakitu that was stopping it', async () => {
    const { made, running } = await begun('endless')
    running.kill('SIGTERM')
    running.kill('SIGKILL')
    await once(running.child, 'exit')
    await made.gone()
  })

  it('leaves nothing when the time of its task is over', async () => {
    const { made, running } = await begun('limited')
    const { code, stdout } = await running.ended
    expect([code, stdout, made.alive()]).toEqual([1, expect.stringContaining('E_TIMEOUT: limited did not end'), []])
  })
})
