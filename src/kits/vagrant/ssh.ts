import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, duration, LakituError, listing } from 'lakitu'

export interface Endpoint {
  readonly host: string
  readonly address: string
  readonly port: number
}

/** Whether an ssh server greets there within so many ms. */
export function greets({ address, port }: Endpoint, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeout, () => end(false))
    socket.once('data', (chunk) => end(chunk.toString('latin1').startsWith('SSH-')))
    socket.once('error', () => end(false))
    socket.once('close', () => resolve(false))
  })
}

export interface WaitOptions {
  /** In ms. */
  readonly patience: number
  /** How to look at what a silent host says, where there is a way. */
  readonly look?: (host: string) => string
}

/** Waits until every host's ssh server greets. Fails with E_HOST_SILENT, naming all that do not. */
export async function waitForSsh(
  ctx: Pick<Context, 'signal' | 'progress'>,
  endpoints: readonly Endpoint[],
  options: WaitOptions,
): Promise<void> {
  const silent = await silentAfter(ctx, endpoints, options)
  if (silent.length > 0) throw hostSilent(silent, options)
}

/**
 * The same for hosts that nobody here can start: one that is off is left out, and said to be, as long as another greets. The
 * machines' probe does not see it, so it comes in when it is on.
 */
export async function waitForSome(
  ctx: Pick<Context, 'signal' | 'progress' | 'warn'>,
  endpoints: readonly Endpoint[],
  options: WaitOptions,
): Promise<void> {
  const silent = await silentAfter(ctx, endpoints, options)
  if (silent.length === 0) return
  if (silent.length === endpoints.length) throw hostSilent(silent, options)
  const names = listing(silent.map(({ host }) => host))
  ctx.warn(`${names} did not answer by ssh within ${duration(options.patience)}: left out until it does`)
}

async function silentAfter(
  { signal, progress }: Pick<Context, 'signal' | 'progress'>,
  endpoints: readonly Endpoint[],
  { patience }: WaitOptions,
): Promise<readonly Endpoint[]> {
  const from = performance.now()
  const silent = new Set(endpoints)
  await Promise.all(
    endpoints.map(async (endpoint) => {
      while (!signal.aborted && performance.now() - from < patience) {
        if (await greets(endpoint, 2000)) {
          silent.delete(endpoint)
          progress({ text: 'ssh', done: endpoints.length - silent.size, total: endpoints.length })
          return
        }
        await sleep(100)
      }
    }),
  )
  signal.throwIfAborted()
  return [...silent]
}

function hostSilent(silent: readonly Endpoint[], { patience, look }: WaitOptions): LakituError {
  const names = silent.map(({ host }) => host)
  const [first = ''] = names
  return new LakituError({
    code: 'E_HOST_SILENT',
    family: 'world',
    headline: `${listing(names)} did not answer by ssh within ${duration(patience)}`,
    facts: Object.fromEntries(silent.map(({ host, address, port }) => [host, `${address}:${port}`])),
    next: look
      ? `See what it is doing:\n  ${look(first)}\nthen run the same command again.`
      : 'Check that it is switched on and that address and port are right, then run the same command again.',
  })
}
