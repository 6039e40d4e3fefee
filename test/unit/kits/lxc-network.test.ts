import { defineCluster, machinesOf } from 'lakitu/kits/cluster'
import { bridgeSteps, type Container, checkNetwork, type Link, type Owner } from 'lakitu/kits/lxc'
import { describe, expect, test } from 'vitest'

const spec = machinesOf(
  defineCluster({ name: 'toy', network: '10.9.8.0/24', hosts: { a: { role: 'server' } }, components: {} }),
)
const owner: Owner = { id: 'toy-1234', root: '/here' }
const link = (name: string, address: string, prefix = 24, more: Partial<Link> = {}): Link => ({
  name,
  alias: undefined,
  isBridge: false,
  addresses: [{ address, prefix }],
  ...more,
})
const bridge = (more: Partial<Link> = {}) =>
  link('lk-toy', '10.9.8.1', 24, { isBridge: true, alias: 'lakitu-toy-1234', ...more })
const container = (name: string, of?: Owner): Container => {
  return { name, partial: false, lines: [], owner: of, address: '10.9.8.11' }
}

describe('checkNetwork', () => {
  test.each([
    ['nothing else is there', [], []],
    ['the bridge is there already', [bridge()], [container('toy-a', owner)]],
    ['other networks', [link('eth0', '10.9.9.4'), link('eth1', '192.168.1.4')], []],
    ['a whole organisation around it', [link('eth0', '10.1.2.3', 8)], []],
    ['a container of the same project, from an earlier specification', [], [container('old-a', owner)]],
  ])('lets pass: %s', (_what, links, containers) => {
    expect(() => checkNetwork(spec, owner, links, containers)).not.toThrow()
  })

  test.each([
    ['the same network', [link('eth0', '10.9.8.4')], [], 'is in use by the interface eth0'],
    ['a network around it', [link('wlan0', '10.9.200.4', 16)], [], 'is in use by the interface wlan0'],
    ['a network in it', [link('tun0', '10.9.8.130', 30)], [], 'is in use by the interface tun0'],
    ['the name of the bridge', [bridge({ isBridge: false })], [], 'lk-toy is there, and lakitu did not make it'],
    ['an address', [], [container('theirs')], 'The address 10.9.8.11 is that of the container theirs'],
  ])('refuses what is taken: %s', (_what, links, containers, said) => {
    expect(() => checkNetwork(spec, owner, links, containers)).toThrow(said)
  })
})

describe('bridgeSteps', () => {
  const steps = (links: readonly Link[]) => bridgeSteps(spec, owner, links).map((step) => step.join(' '))

  test('from nothing', () => {
    expect(steps([])).toEqual([
      'link add lk-toy type bridge',
      'link set lk-toy alias lakitu-toy-1234',
      'addr add 10.9.8.1/24 dev lk-toy',
      'link set lk-toy up',
    ])
  })

  test('again', () => {
    expect(steps([bridge()])).toEqual(['link set lk-toy up'])
  })

  test('after another network was chosen, or half made', () => {
    const old = [{ address: '10.7.7.1', prefix: 24 }]
    expect(steps([bridge({ addresses: old })])).toEqual([
      'addr del 10.7.7.1/24 dev lk-toy',
      'addr add 10.9.8.1/24 dev lk-toy',
      'link set lk-toy up',
    ])
    expect(steps([bridge({ addresses: [], alias: undefined })])).toHaveLength(3)
  })
})
