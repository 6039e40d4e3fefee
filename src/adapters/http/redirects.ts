import { LakituError } from '../../model/error.ts'
import { shownAddress, withoutQuery } from '../../util/addresses.ts'
import type { Answer, Ask } from './ask.ts'

const most = 5
const statuses = new Set([301, 302, 303, 307, 308])

/** Follows redirects by lakitu's own rules: never from https to plain http, no circle, and names and passwords go to nobody else. */
export function following(ask: Ask): Ask {
  return async (url, question) => {
    const passed = [new URL(url).href]
    for (let at = url; ; ) {
      const answer = await ask(at, question)
      const location = answer.headers.location
      if (!statuses.has(answer.status) || location === undefined) return answer
      answer.drop()
      at = nextAddress(at, location, answer)
      if (passed.includes(at)) throw refused('in a circle', url, at, answer)
      if (passed.length > most) throw refused(`more than ${most} times`, url, at, answer)
      passed.push(at)
    }
  }
}

function nextAddress(from: string, location: string, answer: Answer): string {
  // Header fields are bytes; servers mean UTF-8 where these are no ASCII.
  const text = Buffer.from(location, 'latin1').toString('utf8')
  if (!URL.canParse(text, from)) throw refused('to something that is no address', from, text, answer)
  const here = new URL(from)
  const next = new URL(text, from)
  if (next.protocol !== 'https:' && next.protocol !== 'http:') throw refused('to no web server', from, text, answer)
  if (here.protocol === 'https:' && next.protocol === 'http:') {
    throw refused('from https to plain http', from, next.href, answer)
  }
  const same = next.origin === here.origin
  next.username = same ? here.username : ''
  next.password = same ? here.password : ''
  next.hash = ''
  return next.href
}

function refused(how: string, from: string, to: string, { status }: Answer): LakituError {
  return new LakituError({
    code: 'E_REDIRECT',
    headline: `The server redirects ${how}, which is not followed`,
    facts: { url: shownAddress(from), to: withoutQuery(to), status: String(status) },
    next: 'Check the address, or use another source.',
    family: 'world',
  })
}
