import type { Event, Report } from '../model/event.ts'
import type { Terminal } from '../ports/terminal.ts'

/** For programs: every event as it is, one JSON object a line. The first one (`run-started`) has the version. */
export function ndjsonReport(terminal: Pick<Terminal, 'write' | 'flush'>): Report {
  return {
    on: (event: Event) => terminal.write(`${JSON.stringify(event)}\n`),
    close: () => terminal.flush(),
  }
}
