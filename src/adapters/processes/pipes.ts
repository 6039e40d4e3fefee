import { setTimeout as wait } from 'node:timers/promises'
import type { ProcessRequest } from '../../ports/processes.ts'
import { lineSplitter } from '../../util/lines.ts'

/** How long a program's pipes may stay open behind its back, in ms. */
const pipesAfterExit = 500

/** Reads the pipes line by line; answers how to wait for their end, or to end them. */
export function readPipes(stdio: readonly unknown[], { onLine }: Pick<ProcessRequest, 'onLine'>): () => Promise<void> {
  const sources = [undefined, 'stdout', 'stderr', 'event'] as const
  const ends: Promise<void>[] = []
  const pipes: NodeJS.ReadableStream[] = []
  for (const [i, source] of sources.entries()) {
    const pipe = stdio[i]
    if (source === undefined || !isReadable(pipe)) continue
    pipes.push(pipe)
    ends.push(readLines(pipe, (line) => onLine(line, source)))
  }
  return async () => {
    const closed = Promise.all(ends)
    const early = new AbortController()
    await Promise.race([closed, wait(pipesAfterExit, undefined, { signal: early.signal }).catch(() => {})])
    early.abort()
    for (const pipe of pipes) if ('destroy' in pipe && typeof pipe.destroy === 'function') pipe.destroy()
    await closed
  }
}

function readLines(pipe: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  const lines = lineSplitter(onLine)
  return new Promise((resolve) => {
    const done = () => {
      lines.end()
      resolve()
    }
    pipe.on('data', (bytes: Buffer) => lines.push(bytes))
    pipe.once('end', done).once('close', done)
    pipe.on('error', () => {})
  })
}

function isReadable(pipe: unknown): pipe is NodeJS.ReadableStream {
  return typeof pipe === 'object' && pipe !== null && 'on' in pipe && 'read' in pipe
}

export function isWritable(pipe: unknown): pipe is NodeJS.WritableStream {
  return typeof pipe === 'object' && pipe !== null && 'on' in pipe && 'write' in pipe
}
