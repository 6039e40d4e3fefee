import { canonicalJson, LakituError } from 'lakitu'
import { bridgeOf, type ClusterSpec, defineCluster, machinesOf } from 'lakitu/kits/cluster'
import { describe, expect, expectTypeOf, test } from 'vitest'

const hosts = { lakitu: { role: 'server' }, spiney1: { role: 'client' } } as const
const components = { consul: { version: '2.0.2' } } as const

function refusal(spec: () => unknown): LakituError {
  try {
    spec()
  } catch (error) {
    if (error instanceof LakituError) return error
  }
  throw new Error('was not refused')
}

describe('defineCluster', () => {
  test('fills in every default', () => {
    const cluster = defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts, components })
    expect(cluster).toEqual({
      name: 'toy',
      provider: 'auto',
      network: '10.9.8.0/24',
      datacenter: 'dc1',
      region: 'global',
      box: 'bento/debian-12',
      hosts: {
        lakitu: { role: 'server', address: '10.9.8.11', cpus: 1, memory: 1024, user: 'vagrant', port: 22 },
        spiney1: { role: 'client', address: '10.9.8.12', cpus: 1, memory: 1024, user: 'vagrant', port: 22 },
      },
      components: { consul: { version: '2.0.2', ifUnavailable: 'fail' } },
    })
  })

  test('is JSON and knows its hosts and components by name', () => {
    const cluster = defineCluster({ name: 'toy', hosts, components })
    expect(JSON.parse(canonicalJson(cluster))).toEqual(cluster)
    expectTypeOf(cluster.hosts.lakitu.address).toEqualTypeOf<string>()
    expectTypeOf(cluster.hosts).not.toHaveProperty('bowser')
    expectTypeOf(cluster.components).not.toHaveProperty('nomad')
  })

  test('takes a network from the name, the same one each time', () => {
    const network = (name: string) => defineCluster({ name, hosts, components }).network
    expect(network('toy')).toMatch(/^10\.(6[4-9]|[7-9]\d|1[0-8]\d|19[01])\.\d+\.0\/24$/)
    expect(network('toy')).toBe(network('toy'))
    expect(network('toy')).not.toBe(network('toys'))
  })

  test('names every wrong place at once', () => {
    const error = refusal(() =>
      // @ts-expect-error: the types say so too
      defineCluster({ name: 'Toy', hosts: { lakitu: { role: 'sever', cpu: 2 } }, components: { consul: {} } }),
    )
    expect(error).toMatchObject({ code: 'E_CLUSTER_SPEC', family: 'usage' })
    expect(Object.keys(error.facts)).toEqual([
      'name',
      'hosts.lakitu.role',
      'hosts.lakitu.cpu',
      'components.consul.version',
    ])
    expect(error.facts['hosts.lakitu.role']).toBe(`must be 'server' or 'client', is "sever"`)
    expect(error.facts['hosts.lakitu.cpu']).toBe('is not known here')
    expect(error.facts['components.consul.version']).toBe('is missing')
  })

  test.each([
    ['hosts', { hosts: { spiney1: { role: 'client' } } }, "hosts must hold one with role: 'server'"],
    [
      'two hosts with one address',
      { hosts: { a: { role: 'server', address: '10.9.8.12' }, b: { role: 'client' } } },
      'hosts.b.address is 10.9.8.12, as that of a',
    ],
    [
      'an address outside',
      { hosts: { a: { role: 'server', address: '10.9.9.12' } } },
      'hosts.a.address is 10.9.9.12: must lie in 10.9.8.0/24, and .0, .1 and .255 are taken',
    ],
    ['ssh without addresses', { provider: 'ssh' }, "hosts.lakitu.address is needed with provider: 'ssh'"],
    ['a network that is none', { network: '10.999.0.0/24' }, 'network must be a private network such as 10.42.7.0/24'],
    ['a public network', { network: '8.8.8.0/24' }, 'network must be a private network such as 10.42.7.0/24'],
  ] as const)('refuses %s', (_what, change, said) => {
    const spec: ClusterSpec<string, 'consul'> = { name: 'toy', network: '10.9.8.0/24', hosts, components, ...change }
    const error = refusal(() => defineCluster(spec))
    expect(error.message).toContain(said)
  })

  test('takes hosts that exist wherever they are', () => {
    const pi = { role: 'server', address: '192.168.1.40', user: 'pi', key: '~/.ssh/pi', port: 2022 } as const
    const cluster = defineCluster({ name: 'pies', provider: 'ssh', hosts: { pi }, components })
    expect(cluster.hosts.pi).toEqual({ ...pi, cpus: 1, memory: 1024 })
  })
})

describe('machinesOf', () => {
  test('says all that Vagrant and LXC must know, and nothing of roles and versions', () => {
    const one = machinesOf(defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts, components }))
    expect(one).toMatchObject({ cluster: 'toy', network: '10.9.8.0/24', gateway: '10.9.8.1', bridge: 'lk-toy' })
    expect(one.hosts.map(({ host, machine }) => [host, machine])).toEqual([
      ['lakitu', 'toy-lakitu'],
      ['spiney1', 'toy-spiney1'],
    ])
    const roles = { lakitu: { role: 'server' }, spiney1: { role: 'server' } } as const
    const other = { consul: { version: '1.8.7' } }
    expect(machinesOf(defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts: roles, components: other }))).toEqual(
      one,
    )
  })

  test('gives each machine a locally administered hardware address of its own', () => {
    const macs = machinesOf(defineCluster({ name: 'toy', hosts, components })).hosts.map(({ mac }) => mac)
    expect(new Set(macs).size).toBe(2)
    for (const mac of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/)
  })
})

test.each(['a', 'lakitu', 'twelve-chars', 'a-name-that-is-much-too-long', 'a-name-that-is-much-too-wide'])(
  'the bridge of %s has a name that the kernel takes',
  (name) => {
    expect(bridgeOf(name)).toMatch(/^lk-[a-z0-9-]{1,12}$/)
    expect(bridgeOf(name)).not.toBe(bridgeOf(`${name}x`))
  },
)
