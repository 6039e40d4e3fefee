import type { DownloadOptions } from '../../ports/http.ts'

/** Ms between two reports. */
const pace = 100
/** Ms over which the rate is taken. */
const span = 3000

export interface Meter {
  /** So many bytes came in this call, which makes `done` of `total`. */
  came(bytes: number, done: number, total: number | undefined): void
  /** Reports what was last seen, where that is not told yet. */
  last(): void
}

/** Reports at most some ten times a second; the rate is that of the last three seconds. */
export function meter(ticks: () => number, report: DownloadOptions['onProgress']): Meter {
  const points: { readonly at: number; readonly bytes: number }[] = [{ at: ticks(), bytes: 0 }]
  let bytes = 0
  let shown = -Infinity
  let open: (() => void) | undefined
  return {
    came(more, done, total) {
      bytes += more
      open = () => {
        const at = ticks()
        const from = points[0] ?? { at, bytes }
        points.push({ at, bytes })
        while (points.length > 2 && at - (points[1]?.at ?? at) >= span) points.shift()
        shown = at
        open = undefined
        report(done, total, at > from.at ? ((bytes - from.bytes) * 1000) / (at - from.at) : 0)
      }
      if (ticks() - shown >= pace) open()
    },
    last: () => open?.(),
  }
}
