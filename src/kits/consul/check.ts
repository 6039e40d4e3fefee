import { setTimeout as sleep } from 'node:timers/promises'

/** A host as probes and checks see it. */
export interface AgentHost {
  readonly name: string
  readonly address: string
}

/** One line of a smoke test: what holds, or why it does not. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** A check from the list of what is wrong. */
export function checkOf(name: string, problems: readonly string[], good: string): Check {
  return { name, ok: problems.length === 0, detail: problems.length === 0 ? good : problems.join('; ') }
}

/** Repeats a check until it holds or the time is over: some facts trail a restart by up to 10 s. */
export async function untilOk(
  check: () => Promise<Check>,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<Check> {
  const deadline = Date.now() + patience
  for (;;) {
    const found = await check()
    if (found.ok || Date.now() >= deadline) return found
    await sleep(500, undefined, { signal })
  }
}
