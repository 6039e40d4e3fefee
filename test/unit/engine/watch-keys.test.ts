import { describe, expect, it, onTestFinished } from 'vitest'
import type { Memory } from '../../../src/engine/memory.ts'
import type { RunResult } from '../../../src/engine/run.ts'
import { files, task } from '../../../src/index.ts'
import { FakeWatch } from '../../support/fake-watch.ts'
import { testProject } from '../../support/project.ts'
import { until } from '../../support/until.ts'

interface Round {
  readonly forced: readonly string[]
  readonly memory: Memory
  end(): void
}

/** A watch whose runs end when the test says so; `edits`: what woke each of them. */
async function watched() {
  const project = await testProject(() => [task('copy', { inputs: [files('in', 'other')], run: () => {} })])
  const rounds: Round[] = []
  const held = { next: false }
  const watching = new FakeWatch(project, (_watched, { forced, memory }) => {
    const result: RunResult = { outcome: 'done', endings: new Map(), read: new Map(), ms: 0 }
    const { promise, resolve } = Promise.withResolvers<RunResult>()
    rounds.push({ forced: forced.map(({ name }) => name), memory, end: () => resolve(result) })
    watching.stopping.signal.addEventListener('abort', () => resolve({ ...result, outcome: 'stopped' }))
    if (!held.next) resolve(result)
    return promise
  })
  onTestFinished(() => watching.stopping.abort())
  await watching.idle(1)
  const woken = () => watching.events.flatMap((event) => (event.type === 'watch-woken' ? [event.paths] : []))
  const begun = (n: number) => until(`run number ${n}`, () => rounds.length === n)
  return { watching, rounds, held, woken, begun }
}

describe('a key in a watch', () => {
  it('Enter runs what is watched now, and f all of it', async () => {
    const { watching, rounds } = await watched()
    watching.keyboard.press('\n')
    await watching.idle(2)
    watching.keyboard.press('f')
    await watching.idle(3)
    expect(rounds.map(({ forced }) => forced)).toEqual([[], [], ['copy']])
  })

  it('p holds edits back until p, and Enter runs meanwhile', async () => {
    const { watching, rounds, woken } = await watched()
    watching.keyboard.press('p')
    watching.edit('in', '1')
    watching.edit('other', '1')
    watching.keyboard.press('?', 'x')
    await until('the help', () => watching.notices.at(-1)?.includes('q      quit'))
    expect(rounds).toHaveLength(1)
    watching.keyboard.press('\n')
    await watching.idle(2)
    expect(watching.events.at(-1)).toMatchObject({ type: 'watch-idle', paused: true, keys: true })
    watching.edit('in', '2')
    watching.keyboard.press('p')
    await watching.idle(3)
    expect(woken()).toEqual([['in', 'other'], ['in']])
  })

  it('q ends an idle watch, and stops a run as Ctrl-C does', async () => {
    const idle = await watched()
    idle.watching.keyboard.press('q')
    await idle.watching.ended
    expect([idle.watching.interrupts, idle.watching.keyboard.isHeard]).toEqual([0, false])
    const busy = await watched()
    busy.held.next = true
    busy.watching.keyboard.press('\n')
    await busy.begun(2)
    busy.watching.keyboard.press('q')
    await busy.watching.ended
    expect([busy.watching.interrupts, busy.watching.keyboard.isHeard]).toEqual([1, false])
  })

  it('that is pressed during a run counts after it', async () => {
    const { watching, rounds, held, begun } = await watched()
    held.next = true
    watching.keyboard.press('\n')
    await begun(2)
    watching.keyboard.press('p', 'f')
    watching.edit('in', '1')
    rounds[1]?.end()
    await begun(3)
    expect(rounds[2]?.forced).toEqual(['copy'])
    held.next = false
    rounds[2]?.end()
    await watching.idle(3)
    watching.edit('in', '2')
    expect(watching.events.at(-1)).toMatchObject({ type: 'watch-idle', paused: true })
  })

  it('Enter answers just what is shown when it is pressed', async () => {
    const { watching, rounds, held, begun } = await watched()
    const node = { name: 'vm-up' } as Parameters<Memory['asked']>[0]
    const said = (text: string) => text as Parameters<Memory['asked']>[1]
    const memory = rounds[0]?.memory
    memory?.asked(node, said('what is shown'))
    held.next = true
    watching.keyboard.press('\n')
    await begun(2)
    expect(memory?.isAnswered(node, said('what is shown'))).toBe(true)
    memory?.asked(node, said('something else'))
    rounds[1]?.end()
    await watching.idle(2)
    watching.keyboard.press('f')
    await begun(3)
    expect(memory?.isAnswered(node, said('something else'))).toBe(false)
  })
})
