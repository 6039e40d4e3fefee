import { type Graph, type Node, servicesOf } from '../graph/graph.ts'
import type { Forecast } from './forecast.ts'

type Forecasts = ReadonlyMap<Node, Forecast>

/** What would become of the services: that follows from what would run, and from what was asked for. */
export function withServices(graph: Graph, targets: readonly Node[], forecasts: Forecasts): Forecasts {
  const all = new Map(forecasts)
  // Those that need other services come first.
  for (const node of graph.nodes.toReversed()) {
    const own = node.definition.kind === 'service' ? forecasts.get(node) : undefined
    if (own) all.set(node, foresee(own, targets, [...all.values()]))
  }
  return all
}

/** `own`: of its facts alone, with the reason why these are not known, if they are not. */
function foresee(own: Forecast, targets: readonly Node[], all: readonly Forecast[]): Forecast {
  const { node } = own
  if (own.reasons.some(({ kind }) => kind !== 'needed')) return own
  const users = all.filter(({ node: user, kind }) => {
    return (kind === 'will' || kind === 'may') && servicesOf(user).includes(node)
  })
  const reasons = [{ kind: 'needed', by: users.map((user) => user.node.name) }] as const
  if (targets.includes(node)) return { node, kind: 'will', reasons: [{ kind: 'needed', by: [] }], ifChanged: [] }
  if (users.length === 0) return { node, kind: 'idle', reasons: [], ifChanged: [] }
  if (users.some(({ kind }) => kind === 'will')) return { node, kind: 'will', reasons, ifChanged: [] }
  return { node, kind: 'may', reasons, ifChanged: [...new Set(users.flatMap((user) => user.ifChanged))] }
}
