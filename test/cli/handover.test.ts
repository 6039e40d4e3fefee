import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { type CliProject, cliProject, type Running } from '../support/cli.ts'
import { until } from '../support/until.ts'

/** Ignores TERM and writes its pid again and again: until it is killed, or where `second` is, twenty times. */
const writer = `trap '' TERM
n=0
until [ $n -eq 20 ]; do
  echo $$ >> log
  [ -e second ] && n=$((n+1))
  sleep 0.02
done
echo made > out
`

const tasks = `import { input, output, task } from 'lakitu'
export const slow = task('slow', { outputs: ['out'], command: ['sh', input('writer.sh')] })
`

async function begun(): Promise<{ readonly project: CliProject; readonly first: Running }> {
  const project = await cliProject(tasks, { 'writer.sh': writer })
  const first = project.start(['slow'])
  await until('the program to write', () => project.has('log'))
  return { project, first }
}

/** The pids in the order of their writing, each block once. */
function blocks(project: CliProject): readonly string[] {
  const pids = project.read('log').trim().split('\n')
  return pids.filter((pid, at) => pid !== pids[at - 1])
}

describe('a lakitu after one that was killed', () => {
  it('begins no program beside one of the other that still writes', async () => {
    const { project, first } = await begun()
    first.kill('SIGKILL')
    const second = project.start(['slow'])
    await until('the next program', () => blocks(project).length > 1)
    project.write('second', '')
    expect((await second.ended).code).toBe(0)
    expect(blocks(project)).toHaveLength(2)
    expect(project.read('out')).toBe('made\n')
    expect(project.has('.lakitu/watchdog')).toBe(false)
    expect((await project.run('slow')).stdout).toMatch('nothing to do')
  })

  it('says for what it waits, can be stopped meanwhile, and so can the one after it', async () => {
    const { project, first } = await begun()
    const { pid } = JSON.parse(project.read('.lakitu/watchdog'))
    process.kill(pid, 'SIGSTOP')
    first.kill('SIGKILL')
    await once(first.child, 'exit')
    const waiting = async () => {
      const running = project.start(['slow'])
      await until('it to wait', () => running.stdout().includes('left running'))
      expect(running.stdout()).toMatch(`waiting for what lakitu slow left running (pid ${pid} is ending it)`)
      return running
    }
    const second = await waiting()
    second.kill('SIGINT')
    expect((await second.ended).code).toBe(130)
    const third = await waiting()
    process.kill(pid, 'SIGCONT')
    project.write('second', '')
    expect((await third.ended).code).toBe(0)
    expect(project.read('out')).toBe('made\n')
  })
})
