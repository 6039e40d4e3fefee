import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { digestOf, noise, useMirror } from '../../support/downloading.ts'
import { testFolder } from '../../support/folder.ts'
import { until } from '../../support/until.ts'

const content = noise(20_000_000)
const had = 9_000_000
const mirror = useMirror()
const main = join(import.meta.dirname, '../../support/download-main.ts')

function start(into: string, sum: readonly string[]) {
  const words = ['--conditions=lakitu-source', main, `${mirror().url}/file`, into, ...sum]
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } })
}

test.each([
  ['by its tag', []],
  ['by its sum', [digestOf(content)]],
])('who is killed in the middle is continued by the next process, %s', async (_, sum) => {
  mirror().put('/file', content, { validators: sum.length > 0 ? 'none' : 'strong' })
  mirror().fail('/file', { kind: 'hang', after: had }, 1)
  const into = join(await testFolder(), 'file')
  const first = start(into, sum)
  const ended = once(first, 'close')
  await until('the first part', () => existsSync(into) && statSync(into).size === had)
  first.kill('SIGKILL')
  await ended

  const said = await text(start(into, sum).stdout)
  expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toMatchObject({ size: content.length })
  expect(content.equals(await readFile(into))).toBe(true)
  expect(mirror().answers.map(({ status, sent }) => [status, sent])).toEqual([
    [200, had],
    [206, content.length - had],
  ])
})
