import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { logPath, TaskLog } from '../../../src/state/logs.ts'
import { testFolder } from '../../support/folder.ts'

describe('the name of a log', () => {
  it('is the name of its task, in its folder alone', () => {
    expect(logPath('/cache', 'app')).toBe('/cache/logs/app.log')
    expect(logPath('/cache', 'obj/src/a.c')).toBe('/cache/logs/obj%2Fsrc%2Fa.c.log')
    expect(logPath('/cache', 'a'.repeat(200))).toBe(`/cache/logs/${'a'.repeat(200)}.log`)
  })

  it('fits into a folder however long that is, and is another one for each task', () => {
    const names = ['a', 'b'].map((end) => basename(logPath('/cache', `${'long/'.repeat(800)}${end}`)))
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(name).toMatch(/^long%2Flong.{100,200}\.log$/)
    expect(Math.max(...names.map((name) => name.length))).toBeLessThan(255)
  })
})

async function log(disk: Partial<Disk> = {}): Promise<{ readonly log: TaskLog; readonly text: () => string }> {
  const path = join(await testFolder(), 'logs/app.log')
  return { log: new TaskLog({ ...nodeDisk, ...disk }, path), text: () => readFileSync(path, 'utf8') }
}

describe('a log', () => {
  it('holds every line, and hands out the last of them', async () => {
    const { log: app, text } = await log()
    const lines = Array.from({ length: 200 }, (_, n) => `line ${n}`)
    for (const line of lines) app.line(line)
    expect(text()).toBe(`${lines.join('\n')}\n`)
    expect(app.tail()).toEqual(lines.slice(-20))
    expect(app.tail(3)).toEqual(lines.slice(-3))
    expect(app.tail(1000).length).toBeLessThanOrEqual(60)
    app.close()
  })

  it('takes nothing any more once it is closed, which may be said twice', async () => {
    const { log: app, text } = await log()
    app.line('first')
    app.close()
    app.close()
    app.line('late')
    expect([text(), app.tail()]).toEqual(['first\n', ['first']])
  })

  it('hides what is to be hidden, in the file and in what it hands out', async () => {
    const path = join(await testFolder(), 'app.log')
    const app = new TaskLog(nodeDisk, path, (line) => line.replace('hunter2', '***'))
    app.line('login hunter2')
    app.close()
    expect([readFileSync(path, 'utf8'), app.tail()]).toEqual(['login ***\n', ['login ***']])
  })

  it('is whole also where the disk takes only a part of each write, and lets its file go', async () => {
    let closed = 0
    const { log: app, text } = await log({
      open: (path, how) => {
        const file = nodeDisk.open(path, how)
        return {
          write: (bytes, position) => file.write(bytes.subarray(0, 3), position),
          truncate: (length) => file.truncate(length),
          sync: () => file.sync(),
          close: () => {
            closed += 1
            file.close()
          },
        }
      },
    })
    for (const line of ['a longer line', 'another one']) app.line(line)
    app.close()
    app.close()
    expect([text(), closed]).toEqual(['a longer line\nanother one\n', 1])
  })

  it('ends where the disk is full, and goes on handing out the last lines', async () => {
    let writes = 0
    const { log: app, text } = await log({
      open: (path, how) => {
        const file = nodeDisk.open(path, how)
        const write = (bytes: Uint8Array, position: number) => {
          writes += 1
          if (writes === 2) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          return file.write(bytes, position)
        }
        return {
          write,
          truncate: (length) => file.truncate(length),
          sync: () => file.sync(),
          close: () => file.close(),
        }
      },
    })
    for (const line of ['one', 'two', 'three']) app.line(line)
    app.close()
    expect([text(), app.tail()]).toEqual(['one\n', ['one', 'two', 'three']])
  })
})
