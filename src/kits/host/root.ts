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
    headline: `Root is needed ${purpose}, and there is no sudo that would not ask for a password`,
    next: 'Allow this user passwordless sudo, or run sudo -v first, or run lakitu as root.',
  })
}

/** Whether commands can be run as root without a question. */
export async function mayBeRoot(exec: Exec, uid = process.getuid?.()): Promise<boolean> {
  if (uid === 0) return true
  try {
    const { code } = await exec('sudo', ['-n', 'true'], { okCodes: [0, 1], silent: true })
    return code === 0
  } catch (error) {
    if (error instanceof LakituError && error.code === 'E_TOOL_MISSING') return false
    throw error
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
