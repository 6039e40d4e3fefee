import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { Reason } from '../../src/model/reason.ts'
import { missingForHosts, missingForNomad } from '../support/machine.ts'
import { startMirror } from '../support/mirror.ts'
import { Playground, type Told } from '../support/playground.ts'
import { newKey, publish } from '../support/signing.ts'

const name = 'lktest'
const hosts = ['lakitu', 'spiney1', 'spiney2']
const hasNomad = missingForNomad() === undefined
const nomad: Readonly<Record<string, string>> = hasNomad ? { LAKITU_NOMAD: process.env['LAKITU_TEST_NOMAD'] ?? '' } : {}

/** The whole way of the tinkerer on three real hosts, each step from where the one before left things. */
describe.skipIf(missingForHosts() !== undefined)('the playground', { timeout: 600_000 }, () => {
  let playground: Playground

  beforeAll(() => {
    playground = new Playground({ name, network: '10.77.3.0/24', consul: '1.8.7', environment: nomad })
  })

  afterAll(async () => {
    playground.keepDownloads()
    await playground.close()
    expect(containers(), 'containers left behind').toEqual([])
  }, 120_000)

  test('apply takes the machine from nothing to a healthy cluster', async () => {
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    expect(told.endings['apply'], told.text).toMatchObject({ state: 'done' })
    expect(told.endings['nomad-bin']?.state).toBe(hasNomad ? 'done' : 'skipped')
    expect(containers()).toEqual(hosts.map((host) => `${name}-${host}`))
  })

  test('apply again has nothing to do', async () => {
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    expect(withoutNomad(told.ran), told.text).toEqual([])
  })

  test('the same playbook a second time changes nothing on any host', async () => {
    const told = await playground.lakitu('apply --force')
    expect(told.code, told.text).toBe(0)
    expect(notes(told, 'apply')).toContain(hosts.map((host) => `${host}: nothing changed`).join(', '))
  })

  test('smoke proves it, line by line', async () => {
    const told = await playground.lakitu('smoke')
    expect(told.code, told.text).toBe(0)
    const lines = notes(told, 'smoke-test')
    for (const host of hosts) expect(lines.join('\n')).toMatch(`ok    consul agent on ${host}: answers`)
    expect(lines.join('\n')).not.toMatch('FAIL')
    if (hasNomad) expect(lines.join('\n')).toMatch(/nomad job runs: (spiney\d): Hello from \1/)
  })

  test('what was fetched once is enough without a network', async () => {
    const nobody = { PIP_INDEX_URL: 'http://127.0.0.1:9/', http_proxy: 'http://127.0.0.1:9/' }
    const told = await playground.lakitu('ansible-install consul-bin box --force --offline', nobody)
    expect(told.code, told.text).toBe(0)
    expect(told.ran).toEqual(expect.arrayContaining(['ansible-install', 'consul-bin', 'box']))
    expect(notes(told, 'consul-bin').join('\n')).toMatch('from the package consul 1.8.7')
    expect(notes(told, 'box').join('\n')).not.toMatch('debootstrap')
    const again = await playground.lakitu('apply')
    expect(withoutNomad(again.ran), again.text).toEqual([])
  })

  test('what was never fetched is named without one', async () => {
    const lost = playground.path('.cache/downloads-elsewhere')
    renameSync(playground.path('.cache/downloads'), lost)
    try {
      const told = await playground.lakitu('ansible-install consul-bin --force --keep-going --offline')
      expect(told.code, told.text).toBe(3)
      expect(JSON.stringify(told.endings['ansible-install'])).toMatch(/E_OFFLINE.*\/python\//)
      expect(JSON.stringify(told.endings['consul-bin'])).toMatch(
        /E_UNAVAILABLE.*not in the cache of downloads as .*bullseye-\w+-consul/,
      )
    } finally {
      rmSync(playground.path('.cache/downloads'), { recursive: true, force: true })
      renameSync(lost, playground.path('.cache/downloads'))
    }
    expect((await playground.lakitu('apply')).code).toBe(0)
  })

  test('a release from a mirror with the vendor’s layout, locked by its signature, is the same to the hosts', async () => {
    const binary = readFileSync(playground.path('.cache/bin/consul/consul'))
    const [mirror, key] = [await startMirror(), await newKey()]
    try {
      const consul = await publish(mirror, ['consul', '1.8.7'], { key, binary })
      const absent = await publish(mirror, ['nomad', '2.0.4'], { key })
      mirror.fail(absent.path, { kind: 'status', status: 404 })
      playground.write('mirror.asc', key.armored)
      const environment = { LAKITU_MIRROR: mirror.url, LAKITU_MIRROR_KEY: 'mirror.asc' }
      expect(await playground.lock(environment)).toMatch(/consul 1\.8\.7 is locked\nnomad 2\.0\.4 is locked/)
      rmSync(playground.path('.cache/downloads'), { recursive: true })
      const asked = mirror.requests.length
      const told = await playground.lakitu('apply', environment)
      expect(mirror.requests.slice(asked)).toContain(consul.path)
      expect(mirror.requests.slice(asked).filter((path) => !path.endsWith('.zip'))).toEqual([])
      expect(told.code, told.text).toBe(0)
      expect(notes(told, 'consul-bin').join('\n')).toMatch('mirror')
      expect(told.ran, told.text).not.toContain('vm-up')
      expect(told.ran, told.text).not.toContain('apply')
    } finally {
      await mirror.close()
    }
  })

  test('a watch applies an edited template to its role alone, and for an edited sample runs that', async () => {
    const watching = playground.start('watch')
    const idle = await watching.event((e) => e.type === 'watch-idle')
    playground.edit('ansible/roles/consul/templates/consul.hcl', (text) => `${text}\n# edited\n`)
    const again = await watching.event((e) => e.type === 'watch-idle', idle + 1)
    playground.edit('samples/hello-world.nomad', (text) => text.replace('Hello from', 'Greetings from'))
    const sampled = await watching.event((e) => e.type === 'watch-idle', again + 1)
    const since = watching.events.slice(idle, again)
    const later = watching.events.slice(again, sampled)
    watching.child.kill('SIGINT')
    const told = await watching.ended
    expect(told.code).toBe(130)
    const steps = since.flatMap((e) => (e.type === 'task-log' && e.task === 'apply' ? [e.line] : []))
    const reason = 'ansible/roles/consul/templates/consul.hcl → role consul, file:consul.hcl, on lakitu spiney1 spiney2'
    expect(steps, told.text).toContain(reason)
    expect(steps.some((step) => step.startsWith('nomad:'))).toBe(false)
    expect(outcomeOf(since, 'apply')).toBe('done')
    const ran = later.flatMap((e) => (e.type === 'task-started' ? [e.task] : []))
    expect(withoutNomad(ran), told.text).toEqual(['samples'])
    const samples = later.flatMap((e) => (e.type === 'task-log' && e.task === 'samples' ? [e.line] : []))
    if (hasNomad) expect(samples.join('\n')).toMatch(/hello-world on (spiney\d): Greetings from \1!/)
    else expect(outcomeOf(later, 'samples')).toBe('skipped')
  })

  test('a host that was rolled back to what ran on it before is brought forward again', async () => {
    const config = '/etc/consul.d/consul.hcl'
    const on = ['-n', `${name}-spiney1`, '--clear-env', '--']
    lxc('lxc-attach', ...on, 'sed', '-i', '/^# edited/d', config)
    lxc('lxc-attach', ...on, 'systemctl', 'restart', 'consul')
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    expect(JSON.stringify(reasonsOf(told, 'apply')), told.text).toMatch('mark')
    expect(lxc('lxc-attach', ...on, 'cat', config)).toMatch('# edited')
  })

  test('a stopped host is started, and what runs on it is left alone', async () => {
    lxc('lxc-stop', '-k', '-n', `${name}-spiney1`)
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    expect(told.ran).toContain('vm-up')
    expect(lxc('lxc-info', '-s', '-n', `${name}-spiney1`)).toMatch('RUNNING')
  })

  test('a host that was destroyed behind its back is made and applied again', async () => {
    lxc('lxc-destroy', '-f', '-n', `${name}-spiney2`)
    const told = await playground.lakitu('smoke')
    expect(told.code, told.text).toBe(0)
    expect(told.ran).toEqual(expect.arrayContaining(['vm-up', 'apply', 'smoke-test']))
  })

  test('a component that is named later comes to the hosts that need it, and what looks at it starts anew', async () => {
    playground.edit('cluster.ts', (text) => {
      return text.replace('components: {', "components: { cni: { version: '1.1.1', ifUnavailable: 'leave out' },")
    })
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    expect(told.endings['cni-plugins']?.state, told.text).toBe('done')
    const bridge = (host: string) =>
      lxc(
        'lxc-attach',
        '-n',
        `${name}-${host}`,
        '--clear-env',
        '--',
        'sh',
        '-c',
        'test -x /opt/cni/bin/bridge; echo $?',
      )
    expect(['spiney1', 'spiney2', 'lakitu'].map(bridge).map((code) => code.trim())).toEqual(['0', '0', '1'])
    const again = await playground.lakitu('apply --force')
    expect(notes(again, 'apply')).toContain(hosts.map((host) => `${host}: nothing changed`).join(', '))
  })

  test('another folder with a cluster of the same name is refused before anything is made', async () => {
    const other = new Playground(playground.options)
    try {
      const told = await other.lakitu('vm-up')
      expect(told.code, told.text).toBe(3)
      expect(told.endings['machine-names'], told.text).toMatchObject({ error: { code: 'E_OTHER_OWNER' } })
      expect(told.endings['machine-names'], told.text).toMatchObject({ error: { facts: { folder: playground.root } } })
      expect(told.ran).not.toContain('box')
    } finally {
      await other.close()
    }
    expect(containers()).toEqual(hosts.map((host) => `${name}-${host}`))
  })

  test('a playbook that fails says role, task, host and message', async () => {
    const file = 'ansible/roles/base/tasks/main.yml'
    const good = playground.read(file)
    const bad =
      '- name: A step that cannot work\n  ansible.builtin.command: /bin/false\n  changed_when: false\n  tags: [base:config]\n'
    playground.write(file, `${good}\n${bad}`)
    const told = await playground.lakitu('apply')
    playground.write(file, good)
    expect(told.code).toBe(1)
    const ending = told.endings['apply']
    expect(ending).toMatchObject({ state: 'failed' })
    const said = JSON.stringify(ending)
    for (const word of ['base', 'A step that cannot work', 'spiney1', 'non-zero return code'])
      expect(said).toMatch(word)
    const healed = await playground.lakitu('apply')
    expect(healed.code, healed.text).toBe(0)
  })

  test.for([
    ['SIGINT', 130],
    ['SIGKILL', null],
  ] as const)('%s in the middle of a playbook leaves no process behind, and apply heals', async ([signal, code]) => {
    const running = playground.start('apply --force')
    await running.event((e) => e.type === 'task-log' && e.task === 'apply' && e.line.startsWith('consul: '))
    const pids = marked(playground.root)
    expect(pids.length).toBeGreaterThan(0)
    running.child.kill(signal)
    expect((await running.ended).code).toBe(code)
    await expect.poll(() => marked(playground.root), { timeout: 15_000 }).toEqual([])
    const healed = await playground.lakitu('apply')
    expect(healed.code, healed.text).toBe(0)
    expect(healed.ran).toContain('apply')
  })

  test('destroy leaves nothing, and a second one has nothing to do', async () => {
    const told = await playground.lakitu('destroy')
    expect(told.code, told.text).toBe(0)
    expect(containers()).toEqual([])
    expect(readdirSync('/sys/class/net')).not.toContain(`lk-${name}`)
    expect((await playground.lakitu('destroy')).code).toBe(0)
  })
})

function lxc(program: string, ...args: readonly string[]): string {
  return execFileSync(program, [...args], { encoding: 'utf8' })
}

function containers(): readonly string[] {
  return lxc('lxc-ls', '-1')
    .split('\n')
    .filter((line) => line.startsWith(`${name}-`))
    .sort()
}

/** A left-out task asks its sources every time. */
function withoutNomad(tasks: readonly string[]): readonly string[] {
  return tasks.filter((task) => hasNomad || task !== 'nomad-bin')
}

function notes(told: Told, task: string): readonly string[] {
  return told.events.flatMap((e) => (e.type === 'task-log' && e.task === task && e.stream === 'note' ? [e.line] : []))
}

function outcomeOf(events: readonly Event[], task: string): string | undefined {
  return events.flatMap((e) => (e.type === 'task-ended' && e.task === task ? [e.ending.state] : [])).at(-1)
}

function reasonsOf(told: Told, task: string): readonly Reason[] {
  return told.events.flatMap((e) => (e.type === 'task-started' && e.task === task ? e.reasons : []))
}

/** Processes that a lakitu of this tree started: all carry its root in their environment. */
function marked(root: string): readonly number[] {
  const mine = `LAKITU_INSIDE=["${root}"`
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && environOf(entry).includes(mine) && !isMachine(entry))
    .map(Number)
}

/** Containers are an effect's result and stay, and so do the ssh connections that Ansible keeps. */
function isMachine(pid: string): boolean {
  return /lxc|\[mux\]|dnsmasq/.test(read(`/proc/${pid}/cmdline`)) || read(`/proc/${pid}/cgroup`).includes('lxc.')
}

function environOf(pid: string): string {
  return read(`/proc/${pid}/environ`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
