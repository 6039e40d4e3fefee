import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { Blobs } from '../../../src/state/blobs.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { testFolder } from '../../support/folder.ts'

const hash = sha256('content')

async function blobs(): Promise<{ readonly kept: Blobs; readonly file: string; readonly copy: string }> {
  const root = await testFolder()
  const file = join(root, 'file')
  writeFileSync(file, 'content')
  return { kept: new Blobs(nodeDisk, join(root, 'cache')), file, copy: join(root, 'copy') }
}

/** How the names under it look: none is left of what was only begun. */
const names = (kept: Blobs) => nodeDisk.list(join(kept.place(hash), '..'))?.map(({ name }) => name)

describe('a blob', () => {
  it('is kept once, and says how many bytes that wrote', async () => {
    const { kept, file } = await blobs()
    expect([kept.keep(hash, file), kept.keep(hash, file)]).toEqual([7, 0])
    expect(names(kept)).toEqual([hash])
  })

  it('is not made of a file that holds something else meanwhile', async () => {
    const { kept, file } = await blobs()
    writeFileSync(file, 'edited')
    expect(kept.keep(hash, file)).toBe('moved')
    expect(names(kept)).toEqual([])
  })

  it('leaves nothing behind where the file cannot be read', async () => {
    const { kept, file } = await blobs()
    expect(() => kept.keep(hash, `${file}-that-is-gone`)).toThrow('ENOENT')
    expect(names(kept)).toEqual([])
  })

  it('is handed out as a copy, with the mode that is asked for', async () => {
    const { kept, file, copy } = await blobs()
    kept.keep(hash, file)
    expect(kept.copy(hash, copy, 0o755)).toBe('copied')
    expect([readFileSync(copy, 'utf8'), (nodeDisk.identity(copy)?.mode ?? 0) & 0o777]).toEqual(['content', 0o755])
  })

  it('that is not there was evicted', async () => {
    const { kept, copy } = await blobs()
    expect([kept.copy(hash, copy, 0o644), existsSync(copy)]).toEqual(['evicted', false])
  })

  it('that holds something else by now is thrown away', async () => {
    const { kept, file, copy } = await blobs()
    kept.keep(hash, file)
    chmodSync(kept.place(hash), 0o600)
    writeFileSync(kept.place(hash), 'damaged')
    expect([kept.copy(hash, copy, 0o644), kept.copy(hash, `${copy}2`, 0o644)]).toEqual(['damaged', 'evicted'])
  })
})
