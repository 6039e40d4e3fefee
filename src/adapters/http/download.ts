import type { Downloaded, DownloadOptions } from '../../ports/http.ts'
import type { Ask } from './ask.ts'
import type { Attempts } from './attempts.ts'
import { complete } from './complete.ts'
import { Refused } from './errors.ts'
import { unlessHeaders } from './headers.ts'
import { addressDigest, openPartial } from './partial.ts'
import { meter } from './progress.ts'
import { takeRest, takeWhole } from './receive.ts'
import { continues, isWhole, mayGoOn } from './resume.ts'
import { doubt, type Outcome, type Transfer } from './transfer.ts'

/** How often what is there may be doubted before a call asks for no rest any more. */
const mostDoubts = 3

export interface Tools {
  readonly ask: Ask
  persistently<T>(attempts: Pick<Attempts, 'signal' | 'brought'>, attempt: () => Promise<T>): Promise<T>
  readonly ticks: () => number
}

export async function download(tools: Tools, url: string, options: DownloadOptions): Promise<Downloaded | 'unchanged'> {
  const { signal } = options
  signal.throwIfAborted()
  const known = addressDigest(url)
  const partial = await openPartial({
    into: options.into,
    mayGoOn: (note) => note.url === known && mayGoOn(note, options),
    signal,
  })
  const transfer: Transfer = {
    url,
    ask: tools.ask,
    options,
    partial,
    meter: meter(tools.ticks, options.onProgress),
    ticks: tools.ticks,
    furthest: partial.size,
    joined: partial.size > 0,
    doubted: false,
    doubts: 0,
    wasWrong: false,
  }
  const brought = () => {
    const news = partial.size > transfer.furthest
    transfer.furthest = Math.max(transfer.furthest, partial.size)
    return news
  }
  return tools.persistently({ signal, brought }, async () => {
    for (;;) {
      const outcome = await attempt(transfer)
      if (outcome !== 'anew') return outcome
    }
  })
}

async function attempt(transfer: Transfer): Promise<Outcome> {
  const { partial, options, doubted, doubts } = transfer
  const { note } = partial
  const goesOn = note !== undefined && !doubted && doubts < mostDoubts && mayGoOn(note, options)
  const from = goesOn ? partial.size : 0
  // Killed after the last byte: who knows the sum needs no server.
  if (from > 0 && from === note?.total && options.sha256 !== undefined) return complete(transfer)
  const headers = headersFor(transfer, from)
  const answer = await transfer.ask(transfer.url, { ...options, decompress: false, headers })
  if (answer.status === 200) return takeWhole(transfer, answer)
  if (answer.status === 206 && note && from > 0 && continues(answer, note, from, options))
    return takeRest(transfer, answer)
  answer.drop()
  if (answer.status === 304 && options.unless) {
    await partial.discard()
    return 'unchanged'
  }
  if (from === 0 || !note) throw new Refused(answer)
  if (answer.status === 206) return doubt(transfer)
  if (answer.status !== 416) throw new Refused(answer)
  return isWhole(answer, note, from, options) ? complete(transfer) : doubt(transfer)
}

function headersFor({ partial, options }: Transfer, from: number): Record<string, string> {
  const ifRange = partial.note?.ifRange
  return {
    'accept-encoding': 'identity',
    ...(from > 0 ? { range: `bytes=${from}-`, ...(ifRange ? { 'if-range': ifRange } : {}) } : {}),
    ...(options.unless ? unlessHeaders(options.unless) : {}),
  }
}
