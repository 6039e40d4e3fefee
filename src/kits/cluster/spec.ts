import { LakituError } from 'lakitu'
import * as v from 'valibot'
import { isVersion } from '../artifacts/index.ts'
import { type Cluster, type ComponentName, type Host, providers } from './cluster.ts'
import { addressesIn, defaultNetwork } from './names.ts'

const hostName = /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/
const ipv4 = v.pipe(v.string(), v.ipv4('must be an IPv4 address such as 10.42.7.11'))
const name = v.pipe(
  v.string(),
  v.regex(
    hostName,
    'must be a host name: lower case letters, digits and dashes, a letter first, at most 32 characters',
  ),
)
const count = (min: number, message: string) => v.pipe(v.number(), v.integer(message), v.minValue(min, message))

const host = v.strictObject({
  role: v.picklist(['server', 'client'], "must be 'server' or 'client'"),
  address: v.exactOptional(ipv4),
  cpus: v.optional(count(1, 'must be a whole number of processors, at least 1'), 1),
  memory: v.optional(count(256, 'must be a whole number of MiB, at least 256'), 1024),
  user: v.exactOptional(v.pipe(v.string(), v.nonEmpty('must not be empty'))),
  key: v.exactOptional(v.pipe(v.string(), v.nonEmpty('must be the path of a private key'))),
  port: v.optional(
    v.pipe(count(1, 'must be a port, 1 to 65535'), v.maxValue(65_535, 'must be a port, 1 to 65535')),
    22,
  ),
})

const component = v.strictObject({
  version: v.pipe(v.string(), v.check(isVersion, 'must be a version such as 2.0.4, or a range such as 2.0.x')),
  ifUnavailable: v.optional(v.picklist(['fail', 'leave out'], "must be 'fail' or 'leave out'"), 'fail'),
  file: v.exactOptional(v.pipe(v.string(), v.nonEmpty('must be the path of the program'))),
  sha256: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hexadecimal digits'))),
})

const octet = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const privateNetwork = new RegExp(`^(10\\.${octet}|172\\.(1[6-9]|2\\d|3[01])|192\\.168)\\.${octet}(\\.${octet})?/24$`)

const cluster = v.strictObject({
  name,
  provider: v.optional(v.picklist(['auto', ...providers], `must be 'auto' or one of ${providers.join(', ')}`), 'auto'),
  network: v.exactOptional(
    v.pipe(v.string(), v.regex(privateNetwork, 'must be a private network such as 10.42.7.0/24')),
  ),
  datacenter: v.optional(name, 'dc1'),
  region: v.optional(name, 'global'),
  box: v.optional(v.pipe(v.string(), v.nonEmpty('must be the name of a Vagrant box')), 'bento/debian-12'),
  hosts: v.record(name, host),
  components: v.strictObject({
    consul: v.exactOptional(component),
    nomad: v.exactOptional(component),
    cni: v.exactOptional(component),
  }),
})

type Spec = v.InferInput<typeof cluster>
type Checked = v.InferOutput<typeof cluster>

/** One host. `memory` in MiB; sizes count for virtual machines, containers share the machine's. */
export type HostSpec = v.InferInput<typeof host>
/** One product. `version`: one, or a range for which `lakitu lock` says which one it stands. `ifUnavailable` default: 'fail'. `file`: a program that is there already, with its `sha256`. */
export type ComponentSpec = v.InferInput<typeof component>

export interface ClusterSpec<H extends string, C extends ComponentName> extends Omit<Spec, 'hosts' | 'components'> {
  /** In the order in which addresses are given out: add new hosts at the end, or give addresses. */
  readonly hosts: Readonly<Record<H, HostSpec>>
  readonly components: Readonly<Record<C, ComponentSpec>>
}

/**
 * Checks a cluster's specification and fills in its defaults: provider 'auto', a network from the cluster's name,
 * addresses from `.11` on in the order of the hosts, 1 processor, 1024 MiB, user vagrant.
 * Fails with E_CLUSTER_SPEC, which names every wrong place.
 */
export function defineCluster<const H extends string, const C extends ComponentName>(
  spec: ClusterSpec<H, C>,
): Cluster<H, C> {
  const parsed = v.safeParse(cluster, spec)
  if (!parsed.success) throw invalid(parsed.issues.map((issue) => [v.getDotPath(issue) ?? 'cluster', said(issue)]))
  const whole = { ...parsed.output, network: wholeNetwork(parsed.output) }
  const hosts = withAddresses(whole)
  const problems = problemsOf(whole, hosts)
  if (problems.length > 0) throw invalid(problems)
  return { ...whole, hosts: like(spec.hosts, hosts), components: like(spec.components, parsed.output.components) }
}

/** The parsed record under the names that were given, which valibot's types do not know. */
function like<K extends string, V>(
  given: Readonly<Record<K, unknown>>,
  parsed: Readonly<Record<string, V | undefined>>,
) {
  const has = (record: typeof parsed): record is Record<K, V> =>
    Object.keys(given).every((key) => record[key] !== undefined)
  if (has(parsed)) return parsed
  throw invalid([['cluster', 'lost a part while it was checked']])
}

function wholeNetwork({ name: of, network }: Checked): string {
  return (network ?? defaultNetwork(of)).replace(/^(\d+\.\d+\.\d+)(\.\d+)?\/24$/, '$1.0/24')
}

function withAddresses({ hosts, network }: Checked & { readonly network: string }): Record<string, Host> {
  const free = addressesIn(network)
  return Object.fromEntries(
    Object.entries(hosts).map(([key, { address, user, ...rest }], index) => {
      return [key, { ...rest, address: address ?? free(index), user: user ?? 'vagrant' }]
    }),
  )
}

type Problem = readonly [path: string, problem: string]

function problemsOf(spec: Checked & { readonly network: string }, hosts: Record<string, Host>): readonly Problem[] {
  const problems: Problem[] = []
  const all = Object.entries(hosts)
  if (!all.some(([, { role }]) => role === 'server')) problems.push(['hosts', "must hold one with role: 'server'"])
  if (all.length > 200) problems.push(['hosts', 'must be at most 200'])
  const prefix = spec.network.slice(0, spec.network.lastIndexOf('.') + 1)
  const taken = new Map<string, string>()
  for (const [key, { address }] of all) {
    const path = `hosts.${key}.address`
    const other = taken.get(address)
    if (other) problems.push([path, `is ${address}, as that of ${other}`])
    taken.set(address, key)
    if (spec.provider === 'ssh') {
      if (spec.hosts[key]?.address === undefined) problems.push([path, "is needed with provider: 'ssh'"])
    } else if (!address.startsWith(prefix) || /\.(0|1|255)$/.test(address)) {
      problems.push([path, `is ${address}: must lie in ${spec.network}, and .0, .1 and .255 are taken`])
    }
  }
  return problems
}

function said(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.received === 'undefined') return 'is missing'
  if (issue.type === 'strict_object') return 'is not known here'
  if (issue.kind === 'schema' && issue.type !== 'picklist') return `must be ${issue.expected}, is ${issue.received}`
  return `${issue.message}, is ${issue.received}`
}

function invalid(problems: readonly Problem[]): LakituError {
  const [first] = problems
  return new LakituError({
    code: 'E_CLUSTER_SPEC',
    family: 'usage',
    headline: `The specification of the cluster is not valid: ${first?.[0]} ${first?.[1]}`,
    facts: problems.length > 1 ? Object.fromEntries(problems) : {},
    next: 'Correct what is given to defineCluster (cluster.ts), then run the same command again.',
  })
}
