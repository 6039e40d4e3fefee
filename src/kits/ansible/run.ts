import { resolve } from 'node:path'
import type { Context, ExecResult, LakituError, UndoContext } from 'lakitu'
import { type AnsibleProject, controlFolder, environmentOf, layoutOf, makeControlFolder } from './environment.ts'
import { playbookError } from './errors.ts'
import { Follower, summary, type Told } from './follow.ts'

/** The slice of a task's context that Ansible needs. */
export type Runner = Pick<Context, 'root' | 'exec' | 'log' | 'progress' | 'signal'>

export interface PlaybookOptions extends AnsibleProject {
  /** Default all tasks. */
  readonly tags?: readonly string[]
  /** Only these hosts; default all. */
  readonly limit?: readonly string[]
  /** Changes nothing and tells what would be changed. */
  readonly check?: boolean
  /** Tells what changes in files, at the cost of reading them from the hosts. */
  readonly diff?: boolean
}

/** What came of it: `error` where it did not end well. */
export interface Played {
  readonly told: Told
  readonly error: LakituError | undefined
}

/** Runs the playbook and tells what came of it. An error names role, task, host and message. */
export async function play(runner: Runner, options: PlaybookOptions = {}): Promise<Played> {
  const layout = layoutOf(options)
  const args = [
    `${layout.folder}/playbook.yml`,
    ...(options.tags ? ['--tags', options.tags.join(',')] : []),
    ...(options.limit ? ['--limit', options.limit.join(',')] : []),
    ...(options.check ? ['--check'] : []),
    ...(options.diff ? ['--diff'] : []),
  ]
  const { result, told } = await ansible(runner, 'ansible-playbook', args, options)
  if (result.code !== 0) {
    return { told, error: playbookError(result.code, told, `${result.stdout}\n${result.stderr}`) }
  }
  runner.log(summary(told.stats))
  return { told, error: undefined }
}

/** Runs the playbook. Throws an error that names role, task, host and message where it fails. */
export async function playbook(runner: Runner, options: PlaybookOptions = {}): Promise<Told> {
  const { told, error } = await play(runner, options)
  if (error) throw error
  return told
}

/** Runs one of Ansible's programs, cut off from the user's own, and follows its events. */
export async function ansible(
  runner: Runner,
  program: 'ansible' | 'ansible-playbook',
  args: readonly string[],
  project: AnsibleProject,
): Promise<{ readonly result: ExecResult; readonly told: Told }> {
  const layout = layoutOf(project)
  makeControlFolder(runner.root)
  const follower = new Follower(runner)
  const words = ['-i', layout.inventory, ...args]
  const result = await runner.exec(resolve(runner.root, layout.venv, 'bin', program), words, {
    env: environmentOf(runner.root, layout),
    // 1: a plugin blew up; 2: a task failed; 4: a host was out of reach. The events know more than the number.
    okCodes: [0, 1, 2, 3, 4, 5, 8, 250],
    onEvent: follower.take,
    onLine: (line, stream) => {
      if (stream === 'stderr' && line.trim() !== '') runner.log(line)
    },
    silent: true,
    // Ansible ends its workers on INT; TERM leaves them to themselves. A killed one leaves them until their task ends.
    stopSignal: 'SIGINT',
    grace: 5000,
    sweep: true,
  })
  return { result, told: follower.told() }
}

/** Ends the ssh connections that outlive a run on purpose; for when their hosts go away. */
export async function closeConnections(context: Pick<UndoContext, 'root' | 'exec'>): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises')
  const folder = controlFolder(context.root)
  const sockets = await readdir(folder).catch(() => [])
  const all = Array.from({ length: 64 }, (_, i) => i)
  const end = (socket: string) =>
    context.exec('ssh', ['-F', '/dev/null', '-O', 'exit', '-o', `ControlPath=${folder}/${socket}`, 'any'], {
      okCodes: [...all, 255],
      silent: true,
      timeout: 5000,
    })
  await Promise.all(sockets.map(end))
  await rm(folder, { recursive: true, force: true })
}
