import { standardTerminal } from '../../adapters/terminal/terminal.ts'
import { type Accepted, accept } from '../../engine/accept.ts'
import { select } from '../../graph/select.ts'
import { type Options, writerFor } from '../options.ts'
import { openSession } from '../session.ts'
import { listenForSignals, untilStopped } from '../signals.ts'
import { openReport } from './run.ts'

/** `lakitu accept <task…>`: records what is there as if the tasks had run, and says what is taken on faith. */
export async function acceptCommand(names: readonly string[], options: Options): Promise<number> {
  const report = openReport(options)
  const stopping = listenForSignals()
  const session = await openSession({ options, stopping, emit: (event) => report.on(event) })
  try {
    const { project } = session
    const nodes = select(project.graph, names)
    return await untilStopped(stopping, async () => {
      const accepted = await accept(project, nodes, writerFor(`accept ${names.join(' ')}`, options), stopping.signal)
      standardTerminal('stdout').write(accepted.map(text).join(''))
      return 0
    })
  } finally {
    await session.close()
    await report.close()
    stopping.dispose((text) => session.project.secrets.mask(text))
  }
}

function text({ node, onFaith }: Accepted): string {
  if (onFaith.length === 0) return `${node.name} is fresh: nothing to accept\n`
  return `Accepted ${node.name}. Taken on faith:\n${onFaith.map((line) => `  ${line}\n`).join('')}`
}
