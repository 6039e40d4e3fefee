import { setTimeout as wait } from 'node:timers/promises'
import type { ProcessEnd, Processes, ProcessRequest, RunningProcess } from '../ports/processes.ts'
import { lineSplitter } from '../util/lines.ts'
import { killClosure, signal, startOf } from './kill.ts'
import { closureOf, type Leader, markedProcesses, processTable } from './process-table.ts'
import { Watchdog } from './watchdog-client.ts'

/** Waits for its word to go, and gives up when the pipe ends without one: then lakitu is dead. */
const gate = 'read -r _ || exit 125; exec "$@"'
const gateWithoutInput = `${gate} </dev/null`

/** How long a program's pipes may stay open behind its back, in ms. */
const pipesAfterExit = 500
/** How long what it left in its session gets to end after SIGTERM, in ms. */
const leftoverGrace = 1000

/** Real programs, by execa. */
export function realProcesses(): Processes {
  const watchdog = new Watchdog()
  return { start: (request) => start(watchdog, request), close: () => watchdog.close() }
}

async function start(watchdog: Watchdog, request: ProcessRequest): Promise<RunningProcess> {
  const { execa } = await import('execa')
  const script = request.input === undefined ? gateWithoutInput : gate
  const child = execa('/bin/sh', ['-c', script, 'sh', request.program, ...request.args], {
    cwd: request.cwd,
    env: request.env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdio: request.events ? ['pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw (await child).cause ?? new Error(`${request.program} could not be started`)
  const leader: Leader = { pid, start: startOf(pid) ?? '' }
  const { stopSignal, sweepMark } = request
  const exited = new Promise<Exit>((resolve) => {
    child.nodeChildProcess.once('exit', (code, name) => resolve({ code: code ?? undefined, signal: name ?? undefined }))
  })
  const closePipes = readPipes(child.stdio, request)
  await watchdog.add({ type: 'add', leader, stopSignal, ...(sweepMark === undefined ? {} : { sweepMark }) })
  child.stdin?.on('error', () => {})
  child.stdin?.end(`go\n${request.input ?? ''}`)
  const stop = { asked: false }
  const ended = finish(leader, exited, closePipes, () => (stop.asked ? sweepMark : undefined))
  return {
    pid,
    ended: ended.finally(() => watchdog.remove(pid)),
    stop: (grace) => {
      stop.asked = true
      void climb(leader, request, exited, grace)
    },
  }
}

interface Exit {
  readonly code: number | undefined
  readonly signal: string | undefined
}

/** Reads the pipes line by line; answers how to wait for their end, or to end them. */
function readPipes(stdio: readonly unknown[], request: ProcessRequest): () => Promise<void> {
  const sources = [undefined, 'stdout', 'stderr', 'event'] as const
  const ends: Promise<void>[] = []
  const pipes: NodeJS.ReadableStream[] = []
  for (const [i, source] of sources.entries()) {
    const pipe = stdio[i]
    if (source === undefined || !isReadable(pipe)) continue
    const lines = lineSplitter((line) => request.onLine(line, source))
    pipes.push(pipe)
    ends.push(
      new Promise((resolve) => {
        const done = () => {
          lines.end()
          resolve()
        }
        pipe.on('data', (bytes: Buffer) => lines.push(bytes))
        pipe.once('end', done).once('close', done)
        pipe.on('error', () => {})
      }),
    )
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

function isReadable(pipe: unknown): pipe is NodeJS.ReadableStream {
  return typeof pipe === 'object' && pipe !== null && 'on' in pipe && 'read' in pipe
}

/**
 * A task ends with its leader; what it left in its session is ended, too, and after a stop whatever carries its mark: asked
 * first, and by force where that does not help.
 */
async function finish(
  leader: Leader,
  exited: Promise<Exit>,
  closePipes: () => Promise<void>,
  sweepMark: () => string | undefined,
): Promise<ProcessEnd> {
  const exit = await exited
  await closePipes()
  const mark = sweepMark()
  const inSession = closureOf(leader, processTable())
  const left = () => [
    ...closureOf(leader, processTable()).map((row) => row.pid),
    ...(mark ? markedProcesses(mark) : []),
  ]
  const leftovers = left()
  if (leftovers.length > 0) {
    for (const pid of leftovers) signal(pid, 'SIGTERM')
    const deadline = performance.now() + leftoverGrace
    while (performance.now() < deadline && left().length > 0) await wait(50)
    killClosure(leader, mark)
  }
  return { ...exit, leftovers: inSession.map((row) => row.command) }
}

async function climb(leader: Leader, request: ProcessRequest, exited: Promise<Exit>, grace: number): Promise<void> {
  signal(-leader.pid, request.stopSignal)
  const stop = new AbortController()
  const late = wait(grace, 'late', { signal: stop.signal }).catch(() => 'ended')
  const first = await Promise.race([exited.then(() => 'ended'), late])
  stop.abort()
  if (first === 'late') killClosure(leader, request.sweepMark)
}
