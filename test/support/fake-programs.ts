import type { ProcessEnd, Processes, ProcessRequest } from '../../src/ports/processes.ts'

/** A program that does what a test says, step by step; asked to stop it ends at once. */
export interface FakeProgram {
  readonly program: string
  /** How often it was asked to stop. */
  readonly stops: number
  say(line: string): void
  exit(code: number): void
}

/** Programs by their absolute path; the disk of the test must say that they may be executed. */
export class FakePrograms {
  readonly all: FakeProgram[] = []
  private readonly doing = new Map<string, (program: FakeProgram) => void>()

  readonly port: Processes = {
    start: async (request) => this.start(request),
    finishOff: async () => ({ waited: false, release: () => {} }),
    close: async () => {},
  }

  /** What each one does when it has started; until then it waits for the test. */
  does(program: string, act: (program: FakeProgram) => void): void {
    this.doing.set(program, act)
  }

  says(program: string, line: string): void {
    this.does(program, (started) => started.say(line))
  }

  last(program: string): FakeProgram {
    const found = this.all.findLast((one) => one.program === program)
    if (!found) throw new Error(`${program} was not started`)
    return found
  }

  private start({ program, onLine }: ProcessRequest) {
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>()
    const end = (code: number | undefined) =>
      resolve({ code, signal: code === undefined ? 'SIGTERM' : undefined, leftovers: [], outOfReach: [] })
    let stops = 0
    const fake: FakeProgram = {
      program,
      get stops() {
        return stops
      },
      say: (line) => onLine(line, 'stdout'),
      exit: end,
    }
    this.all.push(fake)
    setImmediate(() => this.doing.get(program)?.(fake))
    const stop = () => {
      stops += 1
      end(undefined)
    }
    return { pid: this.all.length, ended: promise, stop }
  }
}
