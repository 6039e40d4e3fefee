import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import type { RunRecord } from '../../../src/model/record.ts'
import type { Disk, OpenFile } from '../../../src/ports/disk.ts'
import { ProjectState } from '../../../src/state/project.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { testFolder } from '../../support/folder.ts'

function record(run: string): RunRecord {
  const digest = sha256(run)
  return { run, facts: { format: 1 }, fingerprint: digest, value: null, outputs: {}, result: digest, at: 1, ms: 2 }
}

/** One session of a writer. */
function session(root: string, write: (state: ProjectState) => void = () => {}): ProjectState {
  const state = new ProjectState(nodeDisk, root)
  state.open('boot')
  write(state)
  state.close()
  return state
}

function bound(file: OpenFile): OpenFile {
  return {
    write: (bytes, position) => file.write(bytes, position),
    truncate: (length) => file.truncate(length),
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

const done = (state: ProjectState) => {
  state.write('task', { type: 'done', task: 'app', record: record('app') })
  state.write('effect', { type: 'done', task: 'vm-up', record: record('vm-up') })
  state.write('effect', { type: 'note', task: 'vm-up', key: 'vm/one', value: { host: 'one' } })
}

describe('the state of a project', () => {
  it('is made by a writer only', async () => {
    const root = await testFolder()
    const state = new ProjectState(nodeDisk, root)
    expect(state.history('app', 'task')).toEqual({ success: undefined, last: undefined, inputs: undefined, notes: {} })
    expect(readdirSync(root)).toEqual([])
    expect(() => state.write('task', { type: 'intent', task: 'app', at: 0 })).toThrow('not open')
  })

  it('is there again for the next lakitu, effects apart from files', async () => {
    const root = await testFolder()
    session(root, done)
    const next = new ProjectState(nodeDisk, root)
    expect(next.history('app', 'task')).toMatchObject({ last: 'done', success: record('app') })
    expect(next.history('vm-up', 'effect')).toMatchObject({ last: 'done', notes: { 'vm/one': { host: 'one' } } })
    expect(next.history('app', 'effect').last).toBeUndefined()
    expect(next.known().flatMap(({ task, isEffect }) => (isEffect ? [task] : []))).toEqual(['vm-up'])
  })

  it('has its folder on the disk before anything in it counts', async () => {
    const root = await testFolder()
    const calls: string[] = []
    const disk: Disk = {
      ...nodeDisk,
      makeFolder: (path, mode) => {
        calls.push(`make ${relative(root, path)}`)
        nodeDisk.makeFolder(path, mode)
      },
      syncFolder: (path) => {
        calls.push(`sync ${relative(root, path)}`)
        nodeDisk.syncFolder(path)
      },
    }
    const state = new ProjectState(disk, root)
    state.open('boot')
    state.close()
    // The root, which names the folder; then the folder, which names what is in it.
    expect(calls.filter((call) => !call.includes('.cache')).slice(0, 3)).toEqual([
      'make .lakitu',
      'sync ',
      'make .lakitu',
    ])
    expect(calls.indexOf('sync ')).toBeLessThan(calls.indexOf('sync .lakitu'))
  })

  it('has a note on the disk before write returns', async () => {
    const root = await testFolder()
    const writer = new ProjectState(nodeDisk, root)
    writer.open('boot')
    writer.write('effect', { type: 'intent', task: 'vm-up', at: 0 })
    writer.write('effect', { type: 'note', task: 'vm-up', key: 'vm/one', value: 1 })
    expect(new ProjectState(nodeDisk, root).history('vm-up', 'effect')).toMatchObject({
      last: 'crashed',
      notes: { 'vm/one': 1 },
    })
    writer.close()
  })

  it('without its cache still knows the effects', async () => {
    const root = await testFolder()
    session(root, done)
    rmSync(join(root, '.cache'), { recursive: true })
    const next = session(root)
    expect(next.history('vm-up', 'effect').last).toBe('done')
    expect(next.history('app', 'task').last).toBeUndefined()
  })

  it('in a copied tree knows nothing of files, there and after a run there', async () => {
    const [root, copy] = [await testFolder(), await testFolder()]
    session(root, done)
    cpSync(root, copy, { recursive: true })
    expect(new ProjectState(nodeDisk, copy).history('app', 'task').last).toBeUndefined()
    session(copy)
    expect(new ProjectState(nodeDisk, copy).history('app', 'task').last).toBeUndefined()
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBe('done')
    expect(new ProjectState(nodeDisk, copy).history('vm-up', 'effect').last).toBe('done')
    session(copy, done)
    expect(new ProjectState(nodeDisk, copy).history('app', 'task').last).toBe('done')
  })

  it('with the cache of another tree in its place knows nothing of files', async () => {
    const [root, other] = [await testFolder(), await testFolder()]
    session(root, done)
    session(other, (state) => state.write('task', { type: 'intent', task: 'app', at: 0 }))
    rmSync(join(root, '.cache'), { recursive: true })
    cpSync(join(other, '.cache'), join(root, '.cache'), { recursive: true })
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBeUndefined()
  })

  it('with an older cache of its own knows nothing of files: it does not say which runs did not end', async () => {
    const root = await testFolder()
    session(root, done)
    const kept = join(await testFolder(), 'kept')
    cpSync(join(root, '.cache'), kept, { recursive: true })
    const killed = new ProjectState(nodeDisk, root)
    killed.open('boot')
    killed.write('task', { type: 'intent', task: 'app', at: 0 })
    rmSync(join(root, '.cache'), { recursive: true })
    cpSync(kept, join(root, '.cache'), { recursive: true })
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBeUndefined()
    session(root)
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBeUndefined()
    expect(new ProjectState(nodeDisk, root).history('vm-up', 'effect').last).toBe('done')
  })

  it('whose tree got a new id in the same place knows nothing of files', async () => {
    const root = await testFolder()
    session(root, done)
    writeFileSync(join(root, '.lakitu/tree'), 'another')
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBeUndefined()
    rmSync(join(root, '.lakitu'), { recursive: true })
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBeUndefined()
  })

  it('whose id a power cut left empty gets another one', async () => {
    const root = await testFolder()
    session(root, done)
    writeFileSync(join(root, '.lakitu/tree'), '')
    session(root, done)
    expect(readFileSync(join(root, '.lakitu/tree'), 'utf8')).not.toBe('')
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBe('done')
  })

  it('forgets a task at once, and for the next lakitu', async () => {
    const root = await testFolder()
    const writer = session(root, (state) => {
      done(state)
      state.write('effect', { type: 'forgotten', task: 'vm-up' })
    })
    for (const state of [writer, new ProjectState(nodeDisk, root)]) {
      expect([state.known().map(({ task }) => task), state.history('vm-up', 'effect').last]).toEqual([
        ['app'],
        undefined,
      ])
    }
  })

  it('loses what a killed lakitu had begun to write, when somebody writes', async () => {
    const root = await testFolder()
    session(root)
    const begun = ['.lakitu/journal.01234567.new', '.cache/lakitu/stat.01234567.new'].map((path) => join(root, path))
    for (const path of begun) writeFileSync(path, 'half')
    const reader = new ProjectState(nodeDisk, root)
    expect([reader.isOpen, ...begun.map((path) => existsSync(path))]).toEqual([false, true, true])
    session(root, (state) => expect(state.isOpen).toBe(true))
    expect(begun.map((path) => existsSync(path))).toEqual([false, false])
  })

  it('that was never opened can be closed', async () => {
    const state = new ProjectState(nodeDisk, await testFolder())
    state.close()
    expect(state.isOpen).toBe(false)
  })

  it('has what effects did on the disk itself, and spares that for files', async () => {
    const root = await testFolder()
    const synced: string[] = []
    const disk: Disk = {
      ...nodeDisk,
      open: (path, how) => {
        const file = nodeDisk.open(path, how)
        return { ...bound(file), sync: () => void synced.push(relative(root, path)) }
      },
    }
    const state = new ProjectState(disk, root)
    state.open('boot')
    expect(synced.filter((path) => path.startsWith('.lakitu/tree.'))).toHaveLength(1)
    expect(synced.filter((path) => path.startsWith('.lakitu/journal.'))).toHaveLength(1)
    synced.length = 0
    state.write('task', { type: 'intent', task: 'app', at: 0 })
    expect(synced).toEqual([])
    state.write('effect', { type: 'intent', task: 'vm-up', at: 0 })
    expect(synced).toEqual(['.lakitu/journal'])
    state.close()
  })

  it.each(['.lakitu', '.cache/lakitu'])(
    'with a damaged journal in %s names it, keeps it and goes on',
    async (folder) => {
      const root = await testFolder()
      session(root, done)
      const file = join(root, folder, 'journal')
      const bytes = readFileSync(file)
      bytes[20] = (bytes[20] ?? 0) ^ 1
      writeFileSync(file, bytes)
      const reader = new ProjectState(nodeDisk, root)
      expect(reader.trouble).toEqual([{ file }])
      expect(readFileSync(file)).toEqual(bytes)
      const writer = session(root, (state) => expect(state.trouble).toEqual([{ file, aside: `${file}.damaged` }]))
      expect(readFileSync(`${file}.damaged`)).toEqual(bytes)
      expect(writer.history('app', 'task').last).toBe(folder === '.lakitu' ? 'done' : undefined)
      expect(writer.history('vm-up', 'effect').last).toBe(folder === '.lakitu' ? 'lost' : 'done')
      expect(writer.history('other', 'effect').last).toBe(folder === '.lakitu' ? 'lost' : undefined)
      expect(new ProjectState(nodeDisk, root).trouble).toEqual([])
    },
  )

  it.each(['.lakitu', '.cache/lakitu'])(
    'with folders in the place of the journal in %s keeps all of them',
    async (folder) => {
      const root = await testFolder()
      const file = join(root, folder, 'journal')
      for (const ending of ['', '-2', '-3']) {
        rmSync(file, { force: true })
        mkdirSync(join(file, 'mine'), { recursive: true })
        expect(new ProjectState(nodeDisk, root).trouble).toEqual([{ file }])
        session(root, (state) => expect(state.trouble).toEqual([{ file, aside: `${file}.damaged${ending}` }]))
        expect(existsSync(join(`${file}.damaged${ending}`, 'mine'))).toBe(true)
      }
    },
  )

  it('does not know what effects did before a damage, whichever they are, however many sessions ago, until they ran', async () => {
    const root = await testFolder()
    session(root, done)
    writeFileSync(join(root, '.lakitu/journal'), 'damaged')
    session(root, (state) => {
      for (let n = 0; n < 1200; n += 1) state.write('effect', { type: 'note', task: 'other', key: 'n', value: n })
    })
    session(root)
    const last = session(root, (state) => state.write('effect', { type: 'intent', task: 'vm-up', at: 0 }))
    for (const state of [last, new ProjectState(nodeDisk, root)]) {
      expect([state.history('apply', 'effect').last, state.history('vm-up', 'effect').last]).toEqual([
        'lost',
        'crashed',
      ])
      expect(state.history('never', 'task').last).toBeUndefined()
    }
  })

  it('is compacted when most of it is history, and means the same', async () => {
    const root = await testFolder()
    session(root, (state) => {
      for (let n = 0; n < 1200; n += 1) state.write('effect', { type: 'note', task: 'vm-up', key: 'n', value: n })
      done(state)
    })
    const size = () => readFileSync(join(root, '.lakitu/journal')).length
    const before = size()
    session(root)
    expect(size()).toBeLessThan(before / 20)
    expect(new ProjectState(nodeDisk, root).history('vm-up', 'effect')).toMatchObject({
      notes: { n: 1199, 'vm/one': {} },
    })
  })

  it("is still this tree's own where a lakitu is killed between a compaction and the end of its opening", async () => {
    const root = await testFolder()
    session(root, (state) => {
      done(state)
      for (let n = 0; n < 1200; n += 1) state.write('task', { type: 'intent', task: 'other', at: n })
    })
    const disk: Disk = {
      ...nodeDisk,
      rename: (from, to) => {
        if (to.endsWith('/session')) throw new Error('killed')
        nodeDisk.rename(from, to)
      },
    }
    const before = statSync(join(root, '.cache/lakitu/journal')).size
    const killed = new ProjectState(disk, root)
    expect(() => killed.open('boot')).toThrow('killed')
    expect(statSync(join(root, '.cache/lakitu/journal')).size).toBeLessThan(before / 20)
    expect(new ProjectState(nodeDisk, root).history('app', 'task').last).toBe('done')
  })

  it('is for its owner alone', async () => {
    const root = await testFolder()
    session(root)
    expect(statSync(join(root, '.lakitu')).mode & 0o777).toBe(0o700)
  })

  it('tells whether another writer was at work since it was read', async () => {
    const root = await testFolder()
    const first = new ProjectState(nodeDisk, root)
    expect(first.refresh()).toBe(false)
    session(root, done)
    expect(first.refresh()).toBe(true)
    expect(first.history('app', 'task').last).toBe('done')
    expect(first.refresh()).toBe(false)
    first.open('boot')
    first.write('task', { type: 'intent', task: 'app', at: 0 })
    first.close()
    expect(first.refresh()).toBe(false)
    const other = new ProjectState(nodeDisk, root)
    other.open('boot')
    first.refresh()
    other.write('effect', { type: 'note', task: 'vm-up', key: 'only', value: 'one journal grew' })
    expect(first.refresh()).toBe(true)
    other.close()
  })
})
