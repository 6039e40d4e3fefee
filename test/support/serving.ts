import { nodeDisk } from '../../src/adapters/node-disk.ts'
import { files } from '../../src/define/inputs.ts'
import { service } from '../../src/define/service.ts'
import { task } from '../../src/define/task.ts'
import type { Event } from '../../src/model/event.ts'
import { FakePrograms } from './fake-programs.ts'
import { type Ran, type TestProject, testProject } from './project.ts'

/** A server and what uses it; the server is ready when it has said its port. */
function tasks(project: () => TestProject) {
  const server = service('server', {
    inputs: { site: files('site') },
    command: ['/bin/server'],
    ready: ({ output }) => {
      const port = /port (\d+)/.exec(output)?.[1]
      return port === undefined ? null : Number(port)
    },
  })
  const get = task('get', {
    needs: { server },
    inputs: { in: files('in') },
    outputs: ['got'],
    cache: false,
    run: ({ needs }) => project().write('got', String(needs.server)),
  })
  return { server, get }
}

export async function made(extra: (made: ReturnType<typeof tasks>) => object = () => ({})) {
  const programs = new FakePrograms()
  const project: TestProject = await testProject(
    () => {
      const both = tasks(() => project)
      return { ...both, ...extra(both) }
    },
    { processes: programs.port, disk: { ...nodeDisk, mayExecute: () => true } },
  )
  project.write('site', 'one')
  project.write('in', 'one')
  return { project, programs }
}

export const never = new AbortController().signal

/** What was told of each task, in order. */
export function story({ events }: Pick<Ran, 'events'>): readonly string[] {
  return events.flatMap((event: Event) => {
    if (event.type === 'task-ended') return [`${event.task} ${event.ending.state}`]
    if (event.type === 'task-started') return [`${event.task} started`]
    return event.type === 'service-ready' || event.type === 'service-stopped'
      ? [`${event.task} ${event.type.slice('service-'.length)}`]
      : []
  })
}
