import type { Drift } from '../model/context.ts'
import type { Ending, Event } from '../model/event.ts'
import { type Reason, reasonText } from '../model/reason.ts'
import { count, duration, listing, never } from '../util/text.ts'
import { visible, visibleLines } from '../util/width.ts'
import { errorLine } from './error-text.ts'

/** What the views say of events, so that all of them say the same. */

/** How much a view tells. */
export type Verbosity = 'quiet' | 'normal' | 'verbose'

export function reasonsText(reasons: readonly Reason[], most = 2): string {
  const shown = reasons.slice(0, most).map(reasonText)
  const more = reasons.length - shown.length
  return more > 0 ? `${shown.join('; ')}; and ${count(more, 'more reason')}` : shown.join('; ')
}

export function endingText(ending: Ending, ms: number): string {
  switch (ending.state) {
    case 'fresh':
      return 'fresh'
    case 'done':
      return `done${ending.changed ? '' : ', same result'} (${duration(ms)})`
    case 'restored':
      return `restored${ending.changed ? '' : ', same result'} (${duration(ms)})`
    case 'skipped':
      return `left out: ${ending.reason}`
    case 'failed':
      return `${ending.still ? 'still failed' : `failed (${duration(ms)})`}: ${errorLine(ending.error)}`
    case 'blocked':
      return `blocked by ${ending.by}`
    case 'stopped':
      return 'stopped'
    case 'served':
      return `served (${duration(ms)})`
    case 'idle':
      return 'not needed'
    default:
      return never(ending)
  }
}

/** Of a service. */
export function serviceText({ type, ms }: Extract<Event, { type: 'service-ready' | 'service-stopped' }>): string {
  return `${type === 'service-ready' ? 'ready' : 'stopped, was up'} (${duration(ms)})`
}

export function watchText(event: Extract<Event, { type: 'watch-idle' | 'watch-woken' }>): string {
  if (event.type === 'watch-woken') return `changed: ${listing(event.paths.map(visible), 4)}`
  const watching = `watching ${count(event.folders, 'folder')}; ${event.healthy ? 'healthy' : 'not healthy'}`
  const paused = event.paused ? '; paused' : ''
  return `${watching}${paused}${event.keys ? '   enter run · f full · c check · p pause · q quit · ? help' : ''}`
}

const mostDetail = 12

/** What a look at the world found, in lines. */
export function driftLines(event: Extract<Event, { type: 'drift-looking' | 'drift-looked' }>): readonly string[] {
  if (event.type === 'drift-looking') return ['looking whether all of it still holds']
  const { drifts, heals, ms } = event
  if (drifts.length === 0) return [`all of it holds (${duration(ms)})`]
  const next = heals ? 'all of it is run now' : 'f applies all of it'
  return [`${count(drifts.length, 'place')} drifted (${duration(ms)}): ${next}`, ...drifts.flatMap(driftText)]
}

function driftText({ where, what, detail = '' }: Drift): readonly string[] {
  const lines = visibleLines(detail.replace(/\n+$/, '')).split('\n')
  const more = lines.length > mostDetail ? [`… and ${count(lines.length - mostDetail, 'more line')}`] : []
  const shown = detail === '' ? [] : [...lines.slice(0, mostDetail), ...more]
  return [`  ${visible(where)}  ${visible(what)}`, ...shown.map((line) => `    ${line}`)]
}

/** `14:03:22` of a time since the epoch: at this offset from UTC, or in UTC, and then says so. */
export function timeOfDay(at: number, offsetMinutes?: number): string {
  const seconds = Math.floor(at / 1000) + (offsetMinutes ?? 0) * 60
  const two = (n: number) => String(n).padStart(2, '0')
  const ofDay = ((seconds % 86_400) + 86_400) % 86_400
  const text = `${two(Math.floor(ofDay / 3600))}:${two(Math.floor(ofDay / 60) % 60)}:${two(ofDay % 60)}`
  return offsetMinutes === undefined ? `${text}Z` : text
}
