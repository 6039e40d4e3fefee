import { PassThrough, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  createTerminal,
  type Environment,
  newPerson,
  type Person,
  standardTerminal,
  wantsColors,
} from '../../../src/adapters/terminal/terminal.ts'

class FakeOutput extends Writable {
  readonly isTTY: boolean
  columns = 60
  rows = 20
  text = ''
  broken = false
  /** What it is broken with. */
  code = 'EPIPE'

  constructor(isTTY = true) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.broken) this.text += chunk
    done(this.broken ? Object.assign(new Error(`write ${this.code}`), { code: this.code }) : undefined)
  }
}

interface Setup {
  env?: Environment
  output?: FakeOutput
  typing?: boolean
  person?: Person
}

function setup({ env = {}, output = new FakeOutput(), typing = true, person = newPerson() }: Setup = {}) {
  const input = Object.assign(new PassThrough(), { isTTY: typing })
  const painter = () => Promise.reject(new Error('nothing is to be drawn here'))
  return { terminal: createTerminal({ output, input, env, painter, person }), output, input }
}

test.each<[Environment, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
])('colours with %j, terminal: %j', (env, isTTY, colors) => {
  expect(wantsColors({ isTTY }, env)).toBe(colors)
})

test('is a terminal where the cursor can move', () => {
  expect(setup().terminal.isTerminal).toBe(true)
  expect(setup({ env: { TERM: 'dumb' } }).terminal.isTerminal).toBe(false)
  expect(setup({ output: new FakeOutput(false) }).terminal.isTerminal).toBe(false)
})

test('the width is that of now', () => {
  const { terminal, output } = setup()
  expect(terminal.columns).toBe(60)
  output.columns = 30
  expect(terminal.columns).toBe(30)
})

test.each([
  ['EPIPE', false],
  ['EIO', true],
])('%s means that the terminal itself is gone: %j', async (code, gone) => {
  const { terminal, output } = setup()
  let hungUp = false
  void terminal.hungUp.then(() => {
    hungUp = true
  })
  Object.assign(output, { broken: true, code })
  terminal.write('one\n')
  await setImmediate()
  expect(hungUp).toBe(gone)
})

test('a program that is lent the terminal has it alone, and text waits', async () => {
  const person = newPerson()
  const { terminal, output } = setup({ person })
  const { terminal: beside, output: pipe } = setup({ person, output: new FakeOutput(false) })
  const first = Promise.withResolvers<string>()
  const lent = terminal.lend(() => first.promise)
  const second = terminal.lend(async () => void terminal.write('second\n'))
  await setImmediate()
  terminal.write('meanwhile\n')
  beside.write('into a file\n')
  expect([output.text, pipe.text]).toEqual(['', 'into a file\n'])
  first.resolve('answer')
  expect(await lent).toBe('answer')
  await second
  expect(output.text).toBe('meanwhile\nsecond\n')
})

test('there is nothing to lend without a terminal on both sides', () => {
  expect(setup({ typing: false }).terminal.lend(async () => 1)).toBeUndefined()
  expect(setup({ output: new FakeOutput(false) }).terminal.lend(async () => 1)).toBeUndefined()
})

test('a reader that went away ends the view and nothing else', async () => {
  const { terminal, output } = setup()
  terminal.write('one\n')
  output.broken = true
  terminal.write('two\n')
  await setImmediate()
  terminal.write('three\n')
  await terminal.flush()
  expect(output.text).toBe('one\n')
})

test('a flush that is under way ends when the reader goes', async () => {
  const { terminal, output } = setup()
  output.cork()
  const flushed = terminal.flush()
  output.destroy(new Error('gone'))
  await flushed
})

test.each([
  ['y', true],
  ['Yes ', true],
  ['n', false],
  ['', false],
])('the answer %j', async (line, answer) => {
  const { terminal, output, input } = setup()
  const asked = terminal.ask('Install lxc?')
  input.write(`${line}\n`)
  expect(await asked).toBe(answer)
  expect(output.text).toBe('Install lxc? [y/N] ')
})

test('asks again when the answer is neither', async () => {
  const { terminal, output, input } = setup()
  const asked = terminal.ask('Install lxc?')
  input.write('perhaps\ny\n')
  expect(await asked).toBe(true)
  expect(output.text).toBe('Install lxc? [y/N] Please answer yes or no. Install lxc? [y/N] ')
})

test('one question at a time', async () => {
  const { terminal, output, input } = setup()
  const first = terminal.ask('A?')
  const second = terminal.ask('B?')
  await setImmediate()
  expect(output.text).toBe('A? [y/N] ')
  input.write('y\n')
  expect(await first).toBe(true)
  input.write('n\n')
  expect(await second).toBe(false)
  expect(output.text).toBe('A? [y/N] B? [y/N] ')
})

test('the end of the input is a no, and so is an abort', async () => {
  const ended = setup()
  const asked = ended.terminal.ask('A?')
  ended.input.end()
  expect(await asked).toBe(false)
  expect(ended.output.text).toBe('A? [y/N] \n')

  const { terminal } = setup()
  const stop = new AbortController()
  const again = terminal.ask('A?', stop.signal)
  const after = terminal.ask('B?', stop.signal)
  await setImmediate()
  stop.abort()
  expect(await again).toBe(false)
  expect(await after).toBe(false)
})

test('a question on one output makes the tree on the other one wait', async () => {
  const person = newPerson()
  const out = setup({ person })
  const err = setup({ person })
  const tree = await out.terminal.tree()
  const asked = err.terminal.ask('A?')
  await setImmediate()
  out.terminal.write('held back\n')
  expect([out.output.text, err.output.text]).toEqual(['', 'A? [y/N] '])
  err.input.write('y\n')
  expect(await asked).toBe(true)
  await tree.close()
  expect(out.output.text).toBe('held back\n')
})

test('stdout has one terminal, whoever asks for it', () => {
  expect(standardTerminal('stdout')).toBe(standardTerminal('stdout'))
  expect(standardTerminal('stdout')).not.toBe(standardTerminal('stderr'))
})

test('nobody to ask', async () => {
  expect(await setup({ typing: false }).terminal.ask('A?')).toBeUndefined()
  expect(await setup({ output: new FakeOutput(false) }).terminal.ask('A?')).toBeUndefined()
})
