import { expect, onTestFinished, test } from 'vitest'
import { listenForSignals, type Stopping } from '../../../src/cli/signals.ts'

/** A lakitu that listens, with a clock that the test moves. */
function listening(hungUp: Promise<void> = new Promise(() => {})): { stopping: Stopping; wait(ms: number): void } {
  let time = 0
  const stopping = listenForSignals(hungUp, () => time)
  onTestFinished(() => stopping.dispose())
  return {
    stopping,
    wait: (ms) => {
      time += ms
    },
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s stops, exit %d, and hurries nobody', (name, code) => {
  const { stopping } = listening()
  process.emit(name, name)
  expect([stopping.signal.aborted, stopping.hurry.aborted, stopping.exitCode()]).toEqual([true, false, code])
})

test('a second Ctrl-C hurries; the exit code stays that of the first signal', () => {
  const { stopping, wait } = listening()
  process.emit('SIGTERM', 'SIGTERM')
  wait(1000)
  process.emit('SIGINT', 'SIGINT')
  expect([stopping.hurry.aborted, stopping.exitCode()]).toEqual([true, 143])
})

test('one Ctrl-C that comes twice, from the terminal and from npm, is one', () => {
  const { stopping, wait } = listening()
  process.emit('SIGINT', 'SIGINT')
  wait(20)
  process.emit('SIGINT', 'SIGINT')
  expect(stopping.hurry.aborted).toBe(false)
})

test('a closed window sends more than one HUP: that hurries nobody', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { stopping, wait } = listening(promise)
  process.emit('SIGHUP', 'SIGHUP')
  wait(1000)
  process.emit('SIGHUP', 'SIGHUP')
  resolve()
  await promise
  expect([stopping.hurry.aborted, stopping.exitCode()]).toEqual([false, 129])
})

test('a terminal that is gone stops as HUP does', async () => {
  const { stopping } = listening(Promise.resolve())
  await new Promise(setImmediate)
  expect([stopping.signal.aborted, stopping.exitCode()]).toEqual([true, 129])
})
