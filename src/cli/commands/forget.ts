import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { forget } from '../../engine/forget.ts'
import { listing } from '../../util/text.ts'
import { type Options, writerFor } from '../options.ts'
import { openSession } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'
import { openReport } from './run.ts'

/** `lakitu forget <task…>`: drops what is known of tasks that are gone from the config. */
export async function forgetCommand(names: readonly string[], options: Options): Promise<number> {
  const report = openReport(options)
  const stopping = listenForSignals()
  const session = await openSession({ options, stopping, emit: (event) => report.on(event) })
  try {
    return await untilStopped(stopping, async () => {
      await forget(session.project, names, writerFor(`forget ${names.join(' ')}`, options), stopping.signal)
      standardTerminal('stdout').write(`Forgot ${listing(names)}\n`)
      return 0
    })
  } finally {
    await session.close()
    await report.close()
    stopping.dispose()
  }
}
