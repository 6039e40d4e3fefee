import type { Binary } from 'lakitu/kits/artifacts'
import { defineCluster, inventoryOf } from 'lakitu/kits/cluster'
import { expect, test } from 'vitest'

const cluster = defineCluster({
  name: 'toy',
  network: '10.9.8.0/24',
  hosts: { lakitu: { role: 'server' }, spiney1: { role: 'client' } },
  components: { consul: { version: '2.0.2' }, nomad: { version: '2.0.4', ifUnavailable: 'leave out' } },
})
const consul: Binary = { product: 'consul', version: '1.8.7', path: '.cache/bin/consul', sha256: 'c0' }
const nomad: Binary = { product: 'nomad', version: '2.0.4', path: '.cache/bin/nomad', sha256: '0d' }
const absolute = (path: string) => `/project/${path}`
const plain = (address: string) => ({ address, port: 22, user: 'vagrant', key: '/key' })
const connections = { lakitu: plain('10.9.8.11'), spiney1: plain('10.9.8.12') }

test('hosts, groups and variables', () => {
  expect(inventoryOf(cluster, { connections, binaries: [consul, nomad], absolute })).toEqual({
    hosts: {
      all: {
        hosts: {
          lakitu: { ansible_host: '10.9.8.11', address: '10.9.8.11' },
          spiney1: { ansible_host: '10.9.8.12', address: '10.9.8.12' },
        },
        children: { servers: { hosts: { lakitu: {} } }, clients: { hosts: { spiney1: {} } } },
      },
    },
    all: {
      cluster: 'toy',
      datacenter: 'dc1',
      region: 'global',
      components: ['consul', 'nomad'],
      server_addresses: ['10.9.8.11'],
      ansible_user: 'vagrant',
      ansible_ssh_private_key_file: '/key',
      consul_version: '1.8.7',
      consul_binary: '/project/.cache/bin/consul',
      consul_sha256: 'c0',
      nomad_version: '2.0.4',
      nomad_binary: '/project/.cache/bin/nomad',
      nomad_sha256: '0d',
    },
  })
})

test('a product that was left out leaves no trace', () => {
  const { all } = inventoryOf(cluster, { connections, binaries: [consul, undefined], absolute })
  expect(all).toMatchObject({ components: ['consul'], consul_version: '1.8.7' })
  expect(Object.keys(all).filter((name) => name.startsWith('nomad'))).toEqual([])
})

test('what the hosts do not agree on is said at each host', () => {
  const pi = { address: '192.168.1.40', port: 2022, user: 'pi' }
  const { hosts, all } = inventoryOf(cluster, {
    connections: { ...connections, spiney1: pi },
    binaries: [consul],
    absolute,
  })
  expect(hosts).toMatchObject({
    all: {
      hosts: {
        lakitu: { ansible_user: 'vagrant', ansible_ssh_private_key_file: '/key' },
        spiney1: { ansible_host: '192.168.1.40', ansible_user: 'pi', ansible_port: 2022 },
      },
    },
  })
  expect(Object.keys(all).filter((name) => name.startsWith('ansible'))).toEqual([])
})
