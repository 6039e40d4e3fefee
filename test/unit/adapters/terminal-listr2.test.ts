import { expect, test } from 'vitest'
import { ListrPainter, type OutputStream } from '../../../src/adapters/terminal/listr2.ts'
import type { DrawnRow } from '../../../src/adapters/terminal/live-rows.ts'

class FakeStream implements OutputStream {
  readonly isTTY = true
  columns: number
  rows = 10
  text = ''

  constructor(columns: number) {
    this.columns = columns
  }

  write = (chunk: Uint8Array | string): boolean => {
    this.text += chunk
    return true
  }

  /** What was written since the last time. */
  take(): string {
    const { text } = this
    this.text = ''
    return text
  }
}

function setup(columns = 40) {
  const output = new FakeStream(columns)
  const beside = new FakeStream(columns)
  const strays: string[] = []
  const painter = new ListrPainter({ output, beside, colors: false, stray: (text) => strays.push(text) })
  const draw = async (...rows: DrawnRow[]) => {
    painter.draw(rows)
    // A new row has to be enabled, which takes listr2 a moment.
    await Promise.resolve()
    output.take()
    painter.draw(rows)
    return output.take()
  }
  return { output, beside, strays, painter, draw }
}

const row = (key: string, text = key): DrawnRow => ({ key, state: 'running', text })

test('hides the cursor, draws, takes the drawing away and shows the cursor', async () => {
  const { output, painter, draw } = setup()
  await painter.open()
  expect(output.take()).toBe('\u001b[?25l')
  const text = await draw(row('box', 'box  3 s\n› Unpacking'), { key: 's', state: 'pending', text: '1 running' })
  expect(text).toContain('⠹ box  3 s\n  › Unpacking\n· 1 running\n')
  painter.close()
  expect(output.take().endsWith('\u001b[?25h')).toBe(true)
  painter.close()
  expect(output.take()).toBe('')
})

test('cuts what is too wide', async () => {
  const { painter, draw } = setup(20)
  await painter.open()
  const text = await draw(row('a', `a ${'x'.repeat(50)}\n› ${'y'.repeat(50)}`))
  expect(text).toContain(`⠹ a ${'x'.repeat(13)}…\n  › ${'y'.repeat(13)}…\n`)
  painter.close()
})

test('what others write meanwhile is handed on in whole lines, and afterwards goes its own way', async () => {
  const { output, beside, strays, painter } = setup()
  await painter.open()
  output.write('  one\ntw')
  beside.write(Buffer.from('error\n'))
  output.write('o\nrest')
  expect(strays).toEqual(['  one\n', 'error\n', 'two\n'])
  painter.close()
  expect(strays).toEqual(['  one\n', 'error\n', 'two\n', 'rest\n'])
  beside.take()
  beside.write('free\n')
  expect(beside.take()).toBe('free\n')
})

test('clears lines that a narrower terminal has broken', async () => {
  const { output, painter, draw } = setup(40)
  await painter.open()
  await draw(row('a', 'x'.repeat(30)), row('b'))
  output.columns = 20
  painter.draw([row('a', 'x'.repeat(30)), row('b')])
  expect(output.take().startsWith('\r\u001b[3A\u001b[J\n\n')).toBe(true)
  painter.close()
})
