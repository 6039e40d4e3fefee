import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import type { Entry } from '../../../src/model/record.ts'
import type { Disk } from '../../../src/ports/disk.ts'
import { fileHeader, journalFormat } from '../../../src/state/frames.ts'
import { JournalWriter, readJournal, rewriteJournal, setAside } from '../../../src/state/journal.ts'
import { testFolder } from '../../support/folder.ts'

const intent = (at: number): Entry => ({ type: 'intent', task: 'a', at })

async function journal(...entries: readonly Entry[]): Promise<string> {
  const path = join(await testFolder(), 'state', 'journal')
  const writer = new JournalWriter(nodeDisk, path, rewriteJournal(nodeDisk, path, []))
  for (const entry of entries) writer.append(entry, true)
  writer.close()
  return path
}

describe('a journal', () => {
  it('that is not there is empty, and reading makes nothing', async () => {
    const path = join(await testFolder(), 'journal')
    expect(readJournal(nodeDisk, path)).toEqual({ entries: [], length: 0, damaged: false })
    expect(existsSync(path)).toBe(false)
  })

  it('goes on where it ended', async () => {
    const path = await journal(intent(1))
    const writer = new JournalWriter(nodeDisk, path, readJournal(nodeDisk, path).length)
    writer.append(intent(2), false)
    writer.close()
    expect(readJournal(nodeDisk, path).entries).toEqual([intent(1), intent(2)])
  })

  it('with a torn tail loses that alone, and the next entry stands in its place', async () => {
    const path = await journal(intent(1), intent(2))
    truncateSync(path, readFileSync(path).length - 3)
    const { entries, length } = readJournal(nodeDisk, path)
    expect(entries).toEqual([intent(1)])
    const writer = new JournalWriter(nodeDisk, path, length)
    writer.append({ type: 'end' }, true)
    writer.close()
    expect(readJournal(nodeDisk, path)).toMatchObject({ entries: [intent(1), { type: 'end' }], damaged: false })
  })

  it('takes a write back that fails half-way', async () => {
    const path = await journal(intent(1))
    const { length } = readJournal(nodeDisk, path)
    const fails = new JournalWriter(withRoom(40), path, length)
    expect(() => fails.append({ type: 'note', task: 'a', key: 'x'.repeat(500), value: 1 }, false)).toThrow('no space')
    fails.close()
    expect(readFileSync(path)).toHaveLength(length)
    const writer = new JournalWriter(nodeDisk, path, length)
    writer.append(intent(3), false)
    writer.close()
    expect(readJournal(nodeDisk, path).entries).toEqual([intent(1), intent(3)])
  })

  it('takes it back before the next entry where the disk refused even that', async () => {
    const path = await journal(intent(1))
    let broken = true
    const disk: Disk = {
      ...nodeDisk,
      open: (place, how) => {
        const file = nodeDisk.open(place, how)
        const fail = () => {
          throw new Error('i/o error')
        }
        return {
          sync: () => file.sync(),
          close: () => file.close(),
          write: (bytes, at) => {
            const done = file.write(broken ? bytes.subarray(0, 200) : bytes, at)
            return broken ? fail() : done
          },
          truncate: (length) => (broken ? fail() : file.truncate(length)),
        }
      },
    }
    broken = false
    const writer = new JournalWriter(disk, path, readJournal(nodeDisk, path).length)
    broken = true
    expect(() => writer.append({ type: 'note', task: 'a', key: 'x'.repeat(500), value: 1 }, true)).toThrow('i/o error')
    broken = false
    writer.append(intent(2), true)
    writer.close()
    expect(readJournal(nodeDisk, path)).toMatchObject({ entries: [intent(1), intent(2)], damaged: false })
  })

  it('that is damaged is believed in nothing, and is kept under a name that takes no other one away', async () => {
    const path = await journal(intent(1))
    const damage = (text: string) => {
      writeFileSync(path, text)
      expect(readJournal(nodeDisk, path)).toEqual({ entries: [], length: 0, damaged: true })
      return setAside(nodeDisk, path)
    }
    const names = [damage('garbage, the first'), damage('garbage, the second')]
    expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['garbage, the first', 'garbage, the second'])
    expect(existsSync(path)).toBe(false)
  })

  it('of a newer lakitu is neither read nor touched', async () => {
    const path = await journal()
    const newer = fileHeader(journalFormat + 1)
    writeFileSync(path, newer)
    expect(() => readJournal(nodeDisk, path)).toThrow(
      expect.objectContaining({ code: 'E_NEWER_STATE', family: 'usage' }),
    )
    expect(readFileSync(path)).toEqual(newer)
  })

  it('written anew holds just these entries', async () => {
    const path = await journal(intent(1), intent(2), intent(3))
    const length = rewriteJournal(nodeDisk, path, [intent(3)])
    expect(readJournal(nodeDisk, path)).toEqual({ entries: [intent(3)], length, damaged: false })
    expect(existsSync(`${path}.new`)).toBe(false)
  })
})

/** A disk that has room for so many more bytes: one short write, then none. */
function withRoom(bytes: number): Disk {
  let room = bytes
  return {
    ...nodeDisk,
    open: (path, how) => {
      const file = nodeDisk.open(path, how)
      return {
        truncate: (length) => file.truncate(length),
        sync: () => file.sync(),
        close: () => file.close(),
        write: (data, position) => {
          if (room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
          const written = file.write(data.subarray(0, room), position)
          room -= written
          return written
        },
      }
    },
  }
}
