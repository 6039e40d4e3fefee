import { type Context, canonicalJson, listing, type Previous } from 'lakitu'

/** What agents say of themselves, by product and host; `unknown` where one is silent. */
export type Agents = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The key of the note. */
export const agentsNote = 'agents'

/** What the agents said when something was last applied to their hosts: after a success its value knows, else the note. */
export function agentsBefore(previous: Previous | undefined): unknown {
  return previous?.outcome === 'done' ? previous.value : (previous?.notes[agentsNote] ?? previous?.value)
}

/** Notes what the agents of these hosts say now; of the others, and of silent ones, what they said before stays. */
export async function noteAgents(
  { previous, note }: Pick<Context, 'previous' | 'note'>,
  now: Agents,
  hosts: readonly string[],
): Promise<void> {
  const before = agentsBefore(previous)
  const merged = Object.entries(now).map(([product, agents]) => {
    const each = Object.entries(agents).map(([host, agent]) => {
      const isNew = hosts.includes(host) && agent !== 'unknown'
      return [host, isNew ? agent : (at(at(before, product), host) ?? 'unknown')]
    })
    return [product, Object.fromEntries(each)]
  })
  await note(agentsNote, Object.fromEntries(merged))
}

/** Hosts whose agents do not say what they said after the last apply, and how they differ; nobody's where nothing was recorded. */
export function unlike(before: unknown, now: Agents): Readonly<Record<string, string>> {
  const differing = new Map<string, string[]>()
  for (const [product, agents] of Object.entries(now)) {
    for (const [host, agent] of Object.entries(agents)) {
      const was = at(at(before, product), host)
      if (was === undefined || was === 'unknown' || canonicalJson(was) === canonicalJson(agent)) continue
      const what = agent === 'unknown' ? `${product} does not answer` : `${product} is another`
      differing.set(host, [...(differing.get(host) ?? []), what])
    }
  }
  return Object.fromEntries([...differing].map(([host, what]) => [host, `is not as it was left: ${listing(what)}`]))
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined
}
