import { type AnyTask, type Context, type Task, task, tool, value, witness } from 'lakitu'
import { choosePython, type Range } from './interpreter.ts'

export interface VenvOptions {
  /** Default 'venv'. */
  readonly name?: string
  /** Default `.cache/venv`. */
  readonly folder?: string
  /** Which Pythons will do; default 3.11 to 3.13, those of ansible-core 2.19. */
  readonly python?: Range
  /** Default 'Python virtual environment'. */
  readonly about?: string
  readonly after?: readonly AnyTask[] | (() => readonly AnyTask[])
}

/** The value of the task. */
export interface Venv {
  /** Relative to the project's root; its programs are in `bin`. */
  readonly folder: string
  /** The version of Python in it. */
  readonly python: string
}

/** The task that makes the environment. Fails with E_NO_PYTHON (exit 3), which says what to install. */
export function venv(options: VenvOptions = {}): Task<Venv> {
  const { name = 'venv', folder = '.cache/venv', python = { oldest: 11, newest: 13 }, after = [] } = options
  return task(name, {
    about: options.about ?? 'Python virtual environment',
    // The environment keeps the interpreter that it was made with: another answer of the same shim is nothing to it.
    inputs: { python: tool('python3', '--version').trustFile(), wanted: value({ folder, python }) },
    outputs: [witness(folder, 'pyvenv.cfg', 'bin/python3')],
    // The environment's programs begin with its absolute path.
    portable: false,
    after,
    run: (ctx) => makeVenv(ctx, ctx.inputs.wanted),
  })
}

export async function makeVenv(
  ctx: Pick<Context, 'exec' | 'signal' | 'log'>,
  { folder, python: range }: { readonly folder: string; readonly python: Range },
): Promise<Venv> {
  const { program, version } = await choosePython(ctx, range)
  ctx.log(`using ${program}, which is Python ${version}`)
  await ctx.exec(program, ['-m', 'venv', folder])
  return { folder, python: version }
}
