import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecResult, LakituError } from 'lakitu'
import { defineCluster, machinesOf } from 'lakitu/kits/cluster'
import {
  connectionsOf,
  pickProvider,
  probeMachines,
  recordedMachines,
  vagrantData,
  waitForSome,
  waitForSsh,
} from 'lakitu/kits/vagrant'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listening } from '../../support/greeting.ts'

const hosts = { lakitu: { role: 'server', memory: 2048 }, spiney1: { role: 'client' } } as const
const spec = machinesOf(defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts, components: {} }))
const noExec = (): Promise<ExecResult> => Promise.reject(new Error('no process is needed for this'))

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lakitu-vagrant-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function vagrantKnows(host: string, provider: string, files: Readonly<Record<string, string>>): void {
  const folder = join(root, '.vagrant/machines', host, provider)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}

describe('the data of the Vagrantfile', () => {
  test('for containers: the box by its content, and a configuration for each host', () => {
    const box = { name: 'lakitu-c0ffee', path: '.cache/box/lakitu.box' }
    expect(vagrantData(spec, { root: '/my project', provider: 'lxc', box })).toEqual({
      provider: 'lxc',
      box: { name: 'lakitu-c0ffee', url: 'file:///my%20project/.cache/box/lakitu.box' },
      network: 'lk-toy',
      hosts: [
        {
          name: 'lakitu',
          machine: 'toy-lakitu',
          address: '10.9.8.11',
          cpus: 1,
          memory: 2048,
          config: '/my project/.cache/cluster/lxc/lakitu.conf',
        },
        expect.objectContaining({ name: 'spiney1', memory: 1024 }),
      ],
    })
  })

  test('for a hypervisor: the box of the specification; for hosts that exist: no machines', () => {
    const virtual = vagrantData(spec, { root: '/p', provider: 'virtualbox', box: undefined })
    expect(virtual.box).toEqual({ name: 'bento/debian-12' })
    expect(virtual.hosts[0]).not.toHaveProperty('config')
    expect(vagrantData(spec, { root: '/p', provider: 'ssh', box: undefined }).hosts).toEqual([])
  })
})

describe('pickProvider', () => {
  test('takes what is asked for', () => {
    expect(pickProvider('parallels', root, ['lakitu'])).toBe('parallels')
  })

  test('auto stays with the machines that are there', () => {
    vagrantKnows('spiney1', 'vmware_desktop', { id: 'x' })
    expect(pickProvider('auto', root, ['lakitu', 'spiney1'])).toBe('vmware_desktop')
  })

  test('auto does not count folders that Vagrant left empty', () => {
    vagrantKnows('lakitu', 'parallels', {})
    expect(pickProvider('auto', root, ['lakitu'])).not.toBe('parallels')
  })
})

describe('probeMachines', () => {
  test('answers null where there is nothing', async () => {
    expect(await probeMachines({ root, provider: 'lxc', exec: noExec }, spec)).toBeNull()
    expect(await probeMachines({ root, provider: 'virtualbox', exec: noExec }, spec)).toBeNull()
  })

  test('a folder that was copied from another project does not count', async () => {
    vagrantKnows('lakitu', 'virtualbox', { id: 'u', index_uuid: 'i', vagrant_cwd: '/elsewhere' })
    expect(await probeMachines({ root, provider: 'virtualbox', exec: noExec }, spec)).toBeNull()
  })

  test('a machine is known by what is new each time that it is made', async () => {
    const local = { ...spec, hosts: spec.hosts.map((host) => ({ ...host, address: '127.0.0.1', port: 1 })) }
    vagrantKnows('lakitu', 'virtualbox', { id: 'u', index_uuid: 'i', vagrant_cwd: root })
    expect(await probeMachines({ root, provider: 'virtualbox', exec: noExec }, local)).toEqual({
      lakitu: { provider: 'virtualbox', name: 'toy-lakitu', identity: 'i', running: false },
    })
  })
})

describe('waitForSsh', () => {
  const context = { signal: new AbortController().signal, progress: () => {} }

  test('is content with a greeting', async () => {
    const server = await listening('SSH-2.0-test\r\n')
    await waitForSsh(context, [{ host: 'a', address: '127.0.0.1', port: server.port }], { patience: 5000 })
    server.close()
  })

  test('names every host that does not greet', async () => {
    const web = await listening('HTTP/1.1 400 Bad Request\r\n')
    const endpoints = [
      { host: 'a', address: '127.0.0.1', port: web.port },
      { host: 'b', address: '127.0.0.1', port: 1 },
    ]
    const waiting = waitForSsh(context, endpoints, { patience: 150, look: (host) => `look at ${host}` })
    await expect(waiting).rejects.toThrow(LakituError)
    await expect(waiting).rejects.toMatchObject({
      code: 'E_HOST_SILENT',
      family: 'world',
      message: 'a and b did not answer by ssh within 150 ms',
      facts: { a: `127.0.0.1:${web.port}`, b: '127.0.0.1:1' },
      next: 'See what it is doing:\n  look at a\nthen run the same command again.',
    })
    web.close()
  })

  test('of hosts that nobody here can start, those that greet are enough, and the others are named', async () => {
    const server = await listening('SSH-2.0-test\r\n')
    const warned: string[] = []
    const telling = { ...context, warn: (text: string) => void warned.push(text) }
    const off = { host: 'b', address: '127.0.0.1', port: 1 }
    await waitForSome(telling, [{ host: 'a', address: '127.0.0.1', port: server.port }, off], { patience: 150 })
    expect(warned).toEqual(['b did not answer by ssh within 150 ms: left out until it does'])
    await expect(waitForSome(telling, [off], { patience: 150 })).rejects.toMatchObject({ code: 'E_HOST_SILENT' })
    server.close()
  })
})

test('connections: the key of the specification, of the machine, of the box', () => {
  const given = machinesOf(
    defineCluster({
      name: 'toy',
      hosts: {
        a: { role: 'server', key: 'keys/a', user: 'me', port: 2022 },
        b: { role: 'client' },
        c: { role: 'client' },
      },
      components: {},
    }),
  )
  vagrantKnows('b', 'libvirt', { private_key: 'k' })
  const connections = connectionsOf(given, { root, provider: 'libvirt', boxKey: '/box/key' })
  expect(connections['a']).toMatchObject({ user: 'me', port: 2022, key: join(root, 'keys/a') })
  expect(connections['b']?.key).toBe(join(root, '.vagrant/machines/b/libvirt/private_key'))
  expect(connections['c']).toMatchObject({ user: 'vagrant', port: 22, key: '/box/key' })
})

test('of the notes only whole records of machines count', () => {
  const machine = {
    cluster: 'toy',
    host: 'a',
    machine: 'toy-a',
    address: '10.9.8.11',
    provider: 'lxc',
    bridge: 'lk-toy',
    box: 'b',
    cpus: 1,
    memory: 512,
  }
  expect(recordedMachines({ 'vm/a': machine, 'vm/b': { host: 'b' }, other: machine })).toEqual([machine])
})
