import type { Progress } from '../model/context.ts'
import { bytes } from '../util/text.ts'
import { plain } from '../util/width.ts'

/** How far back the rate looks, in ms: long enough to be steady, short enough to see a stall. */
const span = 5000

/** Remembers how the progress of one task went, to say how fast it goes. */
export class Meter {
  private readonly samples: { at: number; done: number }[] = []
  private text = ''

  /** Bytes or steps per second over the last seconds; undefined until there is something to compare. */
  rate(at: number, { text, done = 0 }: Progress): number | undefined {
    const last = this.samples.at(-1)
    // Another file, or the same one again from its beginning.
    if (text !== this.text || (last && done < last.done)) this.samples.length = 0
    this.text = text
    this.samples.push({ at, done })
    while ((this.samples[1]?.at ?? at) <= at - span) this.samples.shift()
    const [first] = this.samples
    return first && at - first.at >= 500 ? ((done - first.done) * 1000) / (at - first.at) : undefined
  }
}

export interface ProgressLook {
  /** Of the bar; 0 for none. */
  readonly bar: number
  /** As it was measured; what the progress itself says comes first. */
  readonly rate?: number | undefined
}

/** `━━━━━─────  48 %  25 MB of 52 MB  3.1 MB/s  nomad.zip`; without numbers only the text. */
export function progressText(progress: Progress, { bar, rate: measured }: ProgressLook): string {
  const { text, done, total, unit, rate = measured } = progress
  if (done === undefined) return plain(text)
  const amount = (n: number) => (unit === 'bytes' ? bytes(n) : String(n))
  const parts: string[] = []
  if (total !== undefined && total > 0) {
    const part = Math.min(1, Math.max(0, done / total))
    const filled = Math.round(part * bar)
    if (bar > 0) parts.push('━'.repeat(filled) + '─'.repeat(bar - filled))
    parts.push(`${Math.floor(part * 100)} %`.padStart(bar > 0 ? 5 : 0))
    parts.push(`${amount(done)} of ${amount(total)}`)
  } else {
    parts.push(amount(done))
  }
  if (unit === 'bytes' && rate !== undefined) parts.push(`${bytes(Math.round(rate))}/s`)
  if (text !== '') parts.push(plain(text))
  return parts.join('  ')
}
