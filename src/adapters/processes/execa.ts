import type { ProcessEnd, Processes, ProcessRequest, RunningProcess } from '../../ports/processes.ts'
import { Family, startOf } from './family.ts'
import { climb, endLeftovers, type Ladder, outOfReach } from './ladder.ts'
import { finishedOff } from './left-running.ts'
import { isWritable, readPipes } from './pipes.ts'
import { processTable } from './process-table.ts'
import { Watchdog } from './watchdog-client.ts'

/** Waits for its word to go, and gives up when the pipe ends without one: then lakitu is dead. */
const gates = {
  input: 'read -r _ || exit 125; exec "$@"',
  'no input': 'read -r _ || exit 125; exec "$@" </dev/null',
  terminal: 'read -r _ <&3 || exit 125; exec 3<&-; exec "$@"',
}

/** Real programs, by execa. `boot` differs after every start of the machine. */
export function realProcesses(boot: string): Processes {
  const watchdog = new Watchdog()
  return {
    start: (request) => start(watchdog, request),
    finishOff: async (folder, succession) => {
      const waited = await finishedOff(folder, boot, succession)
      watchdog.showIn(folder, { boot, command: succession.command })
      return { waited, release: () => watchdog.hide() }
    },
    close: () => watchdog.close(),
  }
}

async function start(watchdog: Watchdog, request: ProcessRequest): Promise<RunningProcess> {
  watchdog.begin()
  const { execa } = await import('execa')
  const script = gates[request.terminal ? 'terminal' : request.input === undefined ? 'no input' : 'input']
  const child = execa('/bin/sh', ['-c', script, 'sh', request.program, ...request.args], {
    cwd: request.cwd,
    env: request.env,
    extendEnv: false,
    // In lakitu's own group only what is lent the terminal.
    detached: !request.terminal,
    cleanup: false,
    reject: false,
    buffer: false,
    stdio: stdioFor(request),
  })
  const { pid } = child
  if (pid === undefined) throw (await child).cause ?? new Error(`${request.program} could not be started`)
  const exited = new Promise<Exit>((resolve) => {
    child.nodeChildProcess.once('exit', (code, name) => resolve({ code: code ?? undefined, signal: name ?? undefined }))
  })
  const family = new Family({ pid, start: startOf(pid) ?? '' }, ownSession())
  const { stopSignal, sweepMark } = request
  const closePipes = request.terminal ? async () => {} : readPipes(child.stdio, request)
  await watchdog.add({ leader: family.leader, home: family.home, stopSignal, sweepMark })
  const gate = child.stdio[request.terminal ? 3 : 0]
  if (!isWritable(gate)) throw new Error(`The gate of ${request.program} has no pipe`)
  gate.on('error', () => {})
  gate.end(`go\n${request.input ?? ''}`)
  return new Started({ family, stopSignal, sweepMark }, watchdog, exited, async () => {
    await closePipes()
    // One that could not be ended must not keep lakitu alive.
    child.nodeChildProcess.unref()
  })
}

/** A program that is lent the terminal has it also in the place of an output of lakitu's that goes elsewhere. */
function stdioFor({ terminal, events }: ProcessRequest) {
  if (terminal) return [0, process.stdout.isTTY ? 1 : 2, process.stderr.isTTY ? 2 : 1, 'pipe'] as const
  return events ? (['pipe', 'pipe', 'pipe', 'pipe'] as const) : (['pipe', 'pipe', 'pipe'] as const)
}

let session: number | undefined

function ownSession(): number {
  session ??= processTable().find((row) => row.pid === process.pid)?.session ?? 0
  return session
}

interface Exit {
  readonly code: number | undefined
  readonly signal: string | undefined
}

class Started implements RunningProcess {
  readonly pid: number
  readonly ended: Promise<ProcessEnd>
  private readonly ladder: Ladder
  private readonly watchdog: Watchdog
  /** When it is killed, once it was asked to stop. */
  private deadline: number | undefined
  private giveUp: (exit: Exit) => void = () => {}

  constructor(ladder: Ladder, watchdog: Watchdog, exited: Promise<Exit>, close: () => Promise<void>) {
    this.ladder = ladder
    this.watchdog = watchdog
    this.pid = ladder.family.leader.pid
    const given = new Promise<Exit>((resolve) => {
      this.giveUp = resolve
    })
    this.ended = this.finish(Promise.race([exited, given]), close).finally(() => watchdog.remove(this.pid))
  }

  stop(grace: number): void {
    const begun = this.deadline !== undefined
    this.deadline = Math.min(this.deadline ?? Number.POSITIVE_INFINITY, performance.now() + grace)
    if (begun) return
    const { family } = this.ladder
    // The watchdog must know of those whose parents are about to end, in case lakitu is killed meanwhile.
    const onLook = () => this.watchdog.seen(this.pid, family.known)
    void climb(this.ladder, () => this.deadline ?? 0, onLook).then((end) => {
      if (end === 'out of reach') this.giveUp({ code: undefined, signal: 'SIGKILL' })
    })
  }

  /** A task ends with its program; what that left in its session is ended, too, and after a stop whatever carries its mark. */
  private async finish(exited: Promise<Exit>, close: () => Promise<void>): Promise<ProcessEnd> {
    const exit = await exited
    await close()
    const { ladder } = this
    const sweepMark = this.deadline === undefined ? undefined : ladder.sweepMark
    const left = await endLeftovers({ ...ladder, sweepMark })
    const named = (rows: typeof left) => rows.map((row) => row.command)
    const beyond = outOfReach(ladder.family).map((row) => `${row.command} (${row.pid})`)
    return { ...exit, leftovers: this.deadline === undefined ? named(left) : [], outOfReach: beyond }
  }
}
