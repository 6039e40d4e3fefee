import { setTimeout as sleep } from 'node:timers/promises'
import type * as Got from 'got'
import { LakituError } from '../../model/error.ts'
import type { Http } from '../../ports/http.ts'
import { hiddenInAddress, shownAddress, unescaped } from '../../util/addresses.ts'
import type { Answer, Ask, Question } from './ask.ts'
import { type Attempts, type Patience, persistently } from './attempts.ts'
import { piecesOf } from './body.ts'
import { download, type Tools } from './download.ts'
import { Fault } from './errors.ts'
import { type Environment, type Proxies, proxiesOf } from './proxies.ts'
import { following } from './redirects.ts'
import { readSize } from './size.ts'
import { readText } from './text.ts'

export interface GotOptions {
  /** Where proxies are named; default that of the process. */
  readonly environment?: Environment
  /** Waits before another attempt; tests give one that does not. */
  readonly pause?: Patience['pause']
  /** From 0 to 1; 0.5 makes every wait the usual one. */
  readonly random?: () => number
  /** Ms of a clock that never goes back, for rates. */
  readonly ticks?: () => number
}

/** Reads from web servers with got, which is loaded by the first request. */
export function gotHttp(options: GotOptions = {}): Http {
  const {
    environment = process.env,
    pause = (ms, signal) => sleep(ms, undefined, { signal }),
    random = Math.random,
    ticks = () => performance.now(),
  } = options
  let proxies: Proxies | undefined

  function toolsFor(url: string): Tools {
    checkAddress(url)
    proxies ??= proxiesOf(environment)
    const { agents, shown, hidden } = proxies
    const attempts = { url, hidden: [...hidden, ...hiddenInAddress(url)], proxies: shown }
    return {
      ask: following(asking(agents)),
      persistently: (more, attempt) =>
        persistently({ pause, random }, { ...attempts, ...more } satisfies Attempts, attempt),
      ticks,
    }
  }

  return {
    download: async (url, rest) => download(toolsFor(url), url, rest),
    text: async (url, rest) => readText(toolsFor(url), url, rest),
    size: async (url, rest) => readSize(toolsFor(url), url, rest),
  }
}

function checkAddress(url: string): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new LakituError({
    code: 'E_ADDRESS',
    headline: 'That is no http or https address',
    facts: { url: shownAddress(url) },
    next: 'Check the address.',
    family: 'usage',
  })
}

function asking(agents: Proxies['agents']): Ask {
  return async (url, question) => {
    const { default: got } = await import('got')
    question.signal.throwIfAborted()
    return request(got, agents, { url, ...question })
  }
}

/** One request. Attempts and redirects are counted above: a stream that got retries would begin its file anew. */
function request(
  got: typeof Got.default,
  agents: Proxies['agents'],
  question: Question & { url: string },
): Promise<Answer> {
  const { url, method = 'GET', headers, decompress, connectTimeout: connect, silenceTimeout: socket, signal } = question
  const { address, authorization } = withoutCredentials(url)
  const body = got.stream(address, {
    method,
    signal,
    decompress,
    agent: agents,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { lookup: connect, connect, secureConnect: connect, socket, response: socket },
    headers: { 'user-agent': 'lakitu', ...headers, ...(authorization ? { authorization } : {}) },
  })
  const drop = () => void body.destroy()
  return new Promise((resolve, reject) => {
    // got's clocks begin with the connection; that of a proxy which never makes one has to be seen from here.
    const silent = setTimeout(() => {
      drop()
      reject(new Fault('ETIMEDOUT', `No answer for ${connect + socket} ms`, 'response'))
    }, connect + socket)
    // Stays on: what fails after the body is no longer wanted is nobody's business.
    body.on('error', (error: Error) => {
      clearTimeout(silent)
      reject(error)
    })
    body.once('response', ({ statusCode, statusMessage, headers: said }: Got.PlainResponse) => {
      clearTimeout(silent)
      resolve({ url, status: statusCode, statusText: statusMessage ?? '', headers: said, body: piecesOf(body), drop })
    })
  })
}

/** got names the address in its errors, so that it does not get to know more than that. */
function withoutCredentials(url: string): { readonly address: string; readonly authorization?: string } {
  const address = new URL(url)
  const { username, password } = address
  address.username = ''
  address.password = ''
  if (username === '' && password === '') return { address: address.href }
  const pair = Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64')
  return { address: address.href, authorization: `Basic ${pair}` }
}
