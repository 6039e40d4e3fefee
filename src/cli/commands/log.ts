import { existsSync, readFileSync } from 'node:fs'
import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { select } from '../../graph/select.ts'
import { LakituError } from '../../model/error.ts'
import { logPath } from '../../state/logs.ts'
import type { Options } from '../options.ts'
import { openForReading } from '../session.ts'

/** `lakitu log <task>`: the log of its last run. */
export async function logCommand(name: string, options: Options): Promise<number> {
  const session = await openForReading(options)
  try {
    const { graph, state } = session.project
    const [node] = select(graph, [name])
    const file = logPath(state.cache, node?.name ?? name)
    if (!existsSync(file)) {
      throw new LakituError({
        code: 'E_NO_LOG',
        headline: `${name} has not run here, so there is no log`,
        next: `lakitu ${name}`,
        family: 'usage',
      })
    }
    standardTerminal('stdout').write(readFileSync(file, 'utf8'))
    return 0
  } finally {
    await session.close()
  }
}
