import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/model/record.ts'
import { fileHeader, journalFormat } from '../../../src/state/frames.ts'
import { JournalWriter, readJournal, rewriteJournal, setAside } from '../../../src/state/journal.ts'
import { testFolder } from '../../support/folder.ts'

const intent = (at: number): Entry => ({ type: 'intent', task: 'a', at })

async function journal(...entries: readonly Entry[]): Promise<string> {
  const path = join(await testFolder(), 'state', 'journal')
  const writer = new JournalWriter(path, 0)
  for (const entry of entries) writer.append(entry, true)
  writer.close()
  return path
}

describe('a journal', () => {
  it('that is not there is empty, and reading makes nothing', async () => {
    const path = join(await testFolder(), 'journal')
    expect(readJournal(path)).toEqual({ entries: [], length: 0, damaged: false })
    expect(existsSync(path)).toBe(false)
  })

  it('goes on where it ended', async () => {
    const path = await journal(intent(1))
    const writer = new JournalWriter(path, readJournal(path).length)
    writer.append(intent(2), false)
    writer.close()
    expect(readJournal(path).entries).toEqual([intent(1), intent(2)])
  })

  it('with a torn tail loses that alone, and the next entry stands in its place', async () => {
    const path = await journal(intent(1), intent(2))
    truncateSync(path, readFileSync(path).length - 3)
    const { entries, length } = readJournal(path)
    expect(entries).toEqual([intent(1)])
    const writer = new JournalWriter(path, length)
    writer.append({ type: 'end' }, true)
    writer.close()
    expect(readJournal(path)).toMatchObject({ entries: [intent(1), { type: 'end' }], damaged: false })
  })

  it('takes a write back that fails half-way', async () => {
    const path = await journal(intent(1))
    const { length } = readJournal(path)
    const fails = new Failing(path, length)
    expect(() => fails.append({ type: 'note', task: 'a', key: 'x'.repeat(500), value: 1 }, false)).toThrow('no space')
    fails.close()
    expect(readFileSync(path)).toHaveLength(length)
    const writer = new JournalWriter(path, length)
    writer.append(intent(3), false)
    writer.close()
    expect(readJournal(path).entries).toEqual([intent(1), intent(3)])
  })

  it('that is damaged is believed in nothing, and is kept under a name that takes no other one away', async () => {
    const path = await journal(intent(1))
    const damage = (text: string) => {
      writeFileSync(path, text)
      expect(readJournal(path)).toEqual({ entries: [], length: 0, damaged: true })
      return setAside(path)
    }
    const names = [damage('garbage, the first'), damage('garbage, the second')]
    expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['garbage, the first', 'garbage, the second'])
    expect(existsSync(path)).toBe(false)
  })

  it('of a newer lakitu is neither read nor touched', async () => {
    const path = await journal()
    const newer = fileHeader(journalFormat + 1)
    writeFileSync(path, newer)
    expect(() => readJournal(path)).toThrow(expect.objectContaining({ code: 'E_NEWER_STATE', family: 'usage' }))
    expect(readFileSync(path)).toEqual(newer)
  })

  it('written anew holds just these entries', async () => {
    const path = await journal(intent(1), intent(2), intent(3))
    const length = rewriteJournal(path, [intent(3)])
    expect(readJournal(path)).toEqual({ entries: [intent(3)], length, damaged: false })
    expect(existsSync(`${path}.new`)).toBe(false)
  })
})

/** A disk that has room for 40 more bytes: one short write, then none. */
class Failing extends JournalWriter {
  private room = 40

  protected override put(bytes: Buffer, offset: number, length: number, position: number): number {
    if (this.room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const written = super.put(bytes, offset, Math.min(length, this.room), position)
    this.room -= written
    return written
  }
}
