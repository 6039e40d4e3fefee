import { Agent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { LakituError } from '../../model/error.ts'
import { hiddenInAddress, shownAddress } from '../../util/addresses.ts'

const loopback = ['localhost', '127.0.0.1', '[::1]', '::1']

export type Environment = Readonly<Record<string, string | undefined>>

export interface Proxies {
  /** Connections that go through the proxies of the environment, where it names any; Node does that itself. */
  readonly agents: { readonly http: Agent; readonly https: SecureAgent }
  /** As they may be shown. */
  readonly shown: string | undefined
  readonly hidden: readonly string[]
}

/**
 * What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say; of both cases the lower one counts first, as for curl. This machine itself is never
 * asked through a proxy, as by programs in Go: what tasks serve on loopback is out of a proxy's reach.
 */
export function proxiesOf(environment: Environment): Proxies {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'] as const
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = environment[name] || environment[name.toUpperCase()]
    if (value) found[name] = name === 'no_proxy' ? value : asAddress(name, value)
  }
  const direct = [found['no_proxy'], ...loopback].filter((name) => name !== undefined).join(',')
  const shown = Object.entries(found).map(([name, value]) => `${name}=${shownAddress(value)}`)
  // More than the default is taken from the system at once: fewer, bigger pieces to count and to hash.
  const options = { proxyEnv: { ...found, no_proxy: direct }, highWaterMark: 1 << 18 }
  return {
    agents: { http: new Agent(options), https: new SecureAgent(options) },
    shown: found['http_proxy'] || found['https_proxy'] ? shown.join(' ') : undefined,
    hidden: [found['http_proxy'], found['https_proxy']].flatMap((value) => hiddenInAddress(value ?? '')),
  }
}

/** `proxy:3128` is understood too. */
function asAddress(name: string, value: string): string {
  const address = value.includes('://') ? value : `http://${value}`
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address
  throw new LakituError({
    code: 'E_PROXY',
    headline: `${name} in the environment is no http or https address`,
    facts: { [name]: shownAddress(address) },
    next: `Give it as http://<host>:<port>, or unset ${name} and ${name.toUpperCase()}.`,
    family: 'usage',
  })
}
