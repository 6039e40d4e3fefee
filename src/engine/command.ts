import { randomUUID } from 'node:crypto'
import type { CommandContext, CommandOptions, GivenOptions } from '../model/command.ts'
import type { Emit, Event } from '../model/event.ts'
import { downloadsOf } from './downloads.ts'
import { execFor } from './exec.ts'
import type { StopSignals } from './execute.ts'
import type { Project } from './project.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** How a command was called, and where what it says goes. */
export interface Called extends Pick<CommandContext, 'args' | 'json' | 'out' | 'log' | 'warn'> {
  readonly name: string
  readonly options: GivenOptions<CommandOptions>
  /** How it becomes the only one in the tree, where it wants to. */
  readonly writer: WriterOptions
}

/** What the `run` of a command gets: the ports that tasks work with, secrets masked, and no record. */
export function commandContext(project: Project, called: Called, { signal, hurry }: StopSignals): CommandContext {
  const { name, args, options, json } = called
  const { ports, graph, secrets } = project
  const masked = (say: (text: string) => void) => (text: string) => say(secrets.mask(text))
  const [out, log, warn] = [masked(called.out), masked(called.log), masked(called.warn)]
  return {
    root: graph.root,
    args,
    options,
    json,
    out,
    log,
    warn,
    signal,
    alone: async (action) => {
      const writer = new Writer({ ...project, emit: telling(log, warn) }, called.writer, signal)
      writer.refuseInside()
      try {
        await writer.take()
        return await action()
      } finally {
        writer.release()
      }
    },
    confirm: async (question) => (await ports.ask(secrets.mask(question), signal)) ?? true,
    ...downloadsOf({ project, name: `lakitu ${name}`, signal }, { log, warn, progress: () => {} }),
    exec: execFor({
      task: name,
      root: graph.root,
      ports,
      secrets,
      signal,
      hurry,
      mark: randomUUID(),
      sweep: false,
      onLine: log,
      onWarning: warn,
    }),
  }
}

/** For whom it waits, and what is wrong with the tree. */
function telling(log: (text: string) => void, warn: (text: string) => void): Emit {
  return (event: Event) => {
    if (event.type === 'notice') (event.level === 'warning' ? warn : log)(event.text)
  }
}
