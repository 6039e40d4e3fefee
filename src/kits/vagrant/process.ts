import type { Exec, ExecOptions, ExecResult } from 'lakitu'

/**
 * Runs Vagrant in the project. It stops by SIGINT: it then ends what it is doing and remembers it, while SIGTERM would
 * leave machines that it does not know.
 */
export function vagrant(exec: Exec, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  const { env, ...rest } = options
  return exec('vagrant', args, {
    passEnv: ['VAGRANT_HOME'],
    env: { VAGRANT_NO_COLOR: '1', VAGRANT_CHECKPOINT_DISABLE: '1', ...env },
    stopSignal: 'SIGINT',
    grace: 30_000,
    ...rest,
  })
}
