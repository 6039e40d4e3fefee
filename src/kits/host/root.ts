import { type Exec, type ExecOptions, type ExecResult, LakituError } from 'lakitu'

/** Runs a program as root: at once where lakitu is root, else through `sudo -n`, which never asks. */
export function asRoot(
  exec: Exec,
  [program, ...args]: readonly [string, ...string[]],
  options?: ExecOptions,
): Promise<ExecResult> {
  return isRoot() ? exec(program, args, options) : exec('sudo', ['-n', program, ...args], options)
}

/** Fails with E_NO_ROOT unless commands can be run as root without a question. `purpose` completes "Root is needed …". */
export async function needRoot(exec: Exec, purpose: string): Promise<void> {
  if (await mayBeRoot(exec)) return
  throw new LakituError({
    code: 'E_NO_ROOT',
    family: 'world',
    headline: `Root is needed ${purpose}, and sudo would ask for a password`,
    next: 'Allow this user passwordless sudo, or run sudo -v first, or run lakitu as root.',
  })
}

export async function mayBeRoot(exec: Exec): Promise<boolean> {
  if (isRoot()) return true
  const { code } = await exec('sudo', ['-n', 'true'], { okCodes: [0, 1], silent: true })
  return code === 0
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
