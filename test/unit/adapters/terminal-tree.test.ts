import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawnRows } from '../../../src/adapters/terminal/live-rows.ts'
import { type LoadPainter, PaintedTree } from '../../../src/adapters/terminal/live-tree.ts'
import type { TreeRow } from '../../../src/ports/terminal.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Writes down what happens to the screen: text as it is, drawings in brackets. */
function setup({ fails = false } = {}) {
  const seen: string[] = []
  let stray: (text: string) => void = () => {}
  let loads = 0
  const load: LoadPainter = async (onStray) => {
    loads += 1
    stray = onStray
    let open = false
    return {
      open: async () => {
        if (fails) throw new Error('no')
        open = true
      },
      draw: (rows) => void seen.push(`[${rows.map(({ text }) => text).join(', ')}]`),
      close: () => {
        if (open) seen.push('[]')
        open = false
      },
    }
  }
  const screen = {
    colors: false,
    height: () => 10,
    write: (text: string) => void seen.push(text),
    hold: () => {},
    release: () => {},
    now: () => Date.now(),
  }
  const closed = vi.fn()
  const tree = new PaintedTree(screen, load, closed)
  const after = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms)
    return seen.splice(0)
  }
  return { tree, after, closed, seen, stray: (text: string) => stray(text), loads: () => loads }
}

const running = (key: string, since = 0): TreeRow => ({ key, title: key, state: 'running', since })

test('what is over soon is never drawn, and nothing is loaded for it', async () => {
  const { tree, after, loads, closed } = setup()
  tree.update(running('a'))
  expect(await after(200)).toEqual([])
  tree.update({ key: 'a', title: 'a', state: 'done', detail: '200 ms' })
  expect(await after(500)).toEqual(['✔ a  200 ms\n'])
  await tree.close()
  expect(loads()).toBe(0)
  expect(closed).toHaveBeenCalledOnce()
})

test('a row is drawn, read anew each time, and then stays above the others', async () => {
  const { tree, after } = setup()
  const row = running('a')
  tree.update(row)
  tree.update(running('b', 1000))
  expect(await after(300)).toEqual(['[a  0 s]'])
  row.output = 'half way'
  expect(await after(100)).toEqual(['[a  0 s\n› half way]'])
  tree.update({ key: 'a', title: 'a', state: 'failed', detail: '1.2 s', output: 'E_X: no\nmore' })
  tree.write('a word\n')
  expect(await after(100)).toEqual(['[]', '✖ a  1.2 s\n  E_X: no\n  more\na word\n'])
  expect((await after(800)).slice(-1)).toEqual(['[b  0 s]'])
  tree.remove('b')
  expect(await after(100)).toEqual(['[]'])
})

test('what others write comes above the rows', async () => {
  const { tree, after, stray } = setup()
  tree.update(running('a'))
  await after(400)
  stray('console\n')
  expect(await after(100)).toEqual(['[]', 'console\n', '[a  0 s]'])
})

test('a question has the terminal for itself', async () => {
  const { tree, after, seen } = setup()
  tree.update(running('a'))
  await after(400)
  const { promise, resolve } = Promise.withResolvers<string>()
  const paused = tree.pause(() => {
    seen.push('question ')
    return promise
  })
  tree.write('held back\n')
  expect(await after(1000)).toEqual(['[]', 'held back\n', 'question '])
  tree.update({ key: 'b', title: 'b', state: 'skipped' })
  expect(await after(1000)).toEqual([])
  resolve('yes')
  expect(await paused).toBe('yes')
  expect(await after(100)).toEqual(['↓ b\n', '[a  2 s]'])
})

test('closing takes the rows away and keeps the text', async () => {
  const { tree, after, seen } = setup()
  tree.update(running('a'))
  await after(400)
  tree.write('last\n')
  await tree.close()
  expect(seen).toEqual(['[]', 'last\n'])
  expect(await after(1000)).toEqual(['[]', 'last\n'])
})

test('a view that cannot draw goes on as text', async () => {
  const { tree, after } = setup({ fails: true })
  tree.update(running('a'))
  expect(await after(1000)).toEqual([])
  tree.write('still here\n')
  expect(await after(0)).toEqual(['still here\n'])
  await tree.close()
})

test('no more rows than the screen has lines: first the outputs go, then the last rows', () => {
  const rows = (n: number): TreeRow[] => [
    { key: 's', title: 'status', state: 'pending', since: 0 },
    ...Array.from({ length: n }, (_, i) => ({ ...running(`t${i}`), detail: 'about\nit', output: 'x' })),
  ]
  const text = (n: number) =>
    drawnRows(rows(n), { colors: false, height: 9, now: 125_000 }).flatMap((row) => row.text.split('\n'))
  expect(text(1)).toEqual(['t0  2 min 05 s  about it', '› x', 'status  2 min 05 s'])
  expect(text(3)).toHaveLength(7)
  expect(text(4)).toHaveLength(5)
  expect(text(9).map((line) => line.split('  ')[0])).toEqual(['t0', 't1', 't2', 't3', 't4', 'and 4 more', 'status'])
})
