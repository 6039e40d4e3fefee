import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { nodeDisk } from '../../../src/adapters/node-disk.ts'
import { sqliteLocks } from '../../../src/adapters/sqlite-lock.ts'
import { type DownloadsLab, downloadsLab } from '../../support/downloads.ts'

/** Three downloads and a folder of 100 bytes each, `a` used first and `kept` last, by a lakitu that has ended. */
async function filled(): Promise<{ readonly lab: DownloadsLab; readonly sums: Readonly<Record<string, string>> }> {
  const lab = await downloadsLab()
  const lakitu = lab.lakitu()
  const sums: Record<string, string> = {}
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    const sum = lab.http.serve(`https://files.example/${name}`, name.repeat(100))
    await lakitu.fetch(`https://files.example/${name}`, { sha256: sum, task: `${name}-bin` })
    utimesSync(lab.places.entry(sum), 1000 + i, 1000 + i)
    sums[name] = sum
  }
  await lakitu.keep('kept', async (folder) => {
    writeFileSync(`${folder}/it`, 'k'.repeat(100))
  })
  utimesSync(lab.places.kept('kept').manifest, 1004, 1004)
  lakitu.downloads.end(Number.POSITIVE_INFINITY)
  return { lab, sums }
}

function names(lab: DownloadsLab): readonly string[] {
  const { downloads, kept } = lab.lakitu().downloads.survey()
  return [...downloads.flatMap(({ urls }) => urls.map((url) => url.slice(-1))), ...kept.map(({ name }) => name)].sort()
}

describe('the cache of downloads', () => {
  it('tells what is there, for whom, how big, and when it was used', async () => {
    const { lab, sums } = await filled()
    const survey = lab.lakitu().downloads.survey()
    expect(survey).toMatchObject({ folder: lab.places.folder, size: 400, partial: [] })
    expect(survey.downloads.find(({ sha256 }) => sha256 === sums['b'])).toEqual({
      sha256: sums['b'],
      size: 100,
      used: 1001_000,
      urls: ['https://files.example/b'],
      fetched: lab.clock.now(),
      uses: [{ project: lab.root, task: 'b-bin', about: 'the file' }],
    })
    expect(survey.kept).toMatchObject([{ name: 'kept', size: 100, files: 1, used: 1004_000 }])
  })

  it('loses what was used longest ago, a fifth below its limit, and nothing where it is below', async () => {
    const { lab } = await filled()
    expect(lab.lakitu().downloads.evict(400)).toEqual({ won: 0, left: 400, gone: 0 })
    expect(lab.lakitu().downloads.evict(350)).toEqual({ won: 200, left: 200, gone: 2 })
    expect(names(lab)).toEqual(['c', 'kept'])
    expect(lab.lakitu().downloads.evict(0)).toEqual({ won: 200, left: 0, gone: 2 })
    expect(names(lab)).toEqual([])
  })

  it('counts a use as one', async () => {
    const { lab, sums } = await filled()
    const lakitu = lab.lakitu()
    lab.http.serve('https://files.example/a', 'a'.repeat(100))
    expect((await lakitu.fetch('https://files.example/a')).sha256).toBe(sums['a'])
    lakitu.downloads.end(1e9)
    lab.lakitu().downloads.evict(399)
    expect(names(lab)).toEqual(['a', 'c', 'kept'])
  })

  it('loses nothing that a running lakitu uses, and all of that when it has ended', async () => {
    const { lab } = await filled()
    const running = lab.lakitu()
    await running.fetch('https://files.example/a')
    await running.keep('kept', async () => {})
    expect(lab.lakitu().downloads.evict(0).won).toBe(200)
    expect(names(lab)).toEqual(['a', 'kept'])
    running.downloads.end(1e9)
    expect(lab.lakitu().downloads.evict(0).won).toBe(200)
  })

  it.each(['a', 'kept'])('loses nothing that somebody begins to use while it is about to go (%s)', async (name) => {
    const { lab, sums } = await filled()
    const sum = sums['a'] as Parameters<typeof lab.places.lock>[0]
    const running = lab.lakitu()
    let used: Promise<string> | undefined
    const list: typeof nodeDisk.list = (path) => {
      const found = nodeDisk.list(path)
      if (path !== lab.places.uses) return found
      // After the look at who uses it, before it goes.
      used ??=
        name === 'a'
          ? running.fetch('https://files.example/a', { sha256: sum }).then(({ path: at }) => at)
          : running.keep('kept', async () => {})
      return found
    }
    const evicting = lab.lakitu({ disk: { list } }).downloads.evict(0)
    expect(existsSync((await used) ?? '')).toBe(true)
    expect(names(lab)).toEqual([name])
    expect(evicting).toEqual({ won: 300, left: 100, gone: 3 })
  })

  it('loses what a killed lakitu used, and forgets that it did', async () => {
    const { lab, sums } = await filled()
    const dead = join(lab.places.uses, 'dead')
    mkdirSync(dead, { recursive: true })
    writeFileSync(join(dead, sums['a'] ?? ''), '')
    expect(lab.lakitu().downloads.evict(0).won).toBe(400)
    expect(readdirSync(lab.places.uses)).toEqual([])
  })

  it('loses nothing of which somebody has the lock', async () => {
    const { lab, sums } = await filled()
    const { places } = lab
    const held = sqliteLocks.take(places.lock(sums['b'] as Parameters<typeof places.lock>[0]), {
      pid: 1,
      command: '',
      since: 0,
    })
    expect(lab.lakitu().downloads.evict(0).won).toBe(300)
    held?.release()
    expect(names(lab)).toEqual(['b'])
  })

  it('is brought below its limit at the end of a run that downloaded something, and only then', async () => {
    const { lab } = await filled()
    const idle = lab.lakitu()
    await idle.fetch('https://files.example/c')
    idle.downloads.end(100)
    expect(names(lab).length).toBe(4)
    const busy = lab.lakitu()
    lab.http.serve('https://files.example/d', 'd'.repeat(500))
    await busy.fetch('https://files.example/d')
    busy.downloads.end(100)
    expect(names(lab)).toEqual(['d'])
  })

  it('loses what killed ones left half, and nothing that is being made', async () => {
    const { lab } = await filled()
    const { places } = lab
    const orphan = 'ab'.repeat(32)
    const left = [
      join(places.kept('box/1').folder, '1234.new/half'),
      join(places.kept('box/2').files, 'without a manifest'),
      join(places.kept('box/3').files, 'with a manifest of zeros'),
      join(places.kept('kept').folder, 'manifest.json.1234.new'),
      join(places.partials, `${orphan}.json`),
      join(places.partials, `${orphan}.unpacked`),
    ]
    for (const path of left) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, 'half')
    }
    writeFileSync(places.kept('box/3').manifest, Buffer.alloc(20))
    const busy = Promise.withResolvers<void>()
    const making = lab.lakitu().keep('busy', async (folder) => {
      writeFileSync(join(folder, 'half'), '')
      await busy.promise
    })
    await vi.waitFor(() => expect(readdirSync(places.kept('busy').folder).length).toBe(1))
    lab.lakitu().downloads.evict(1e9)
    expect(left.filter((path) => existsSync(path))).toEqual([])
    expect(names(lab)).toEqual(['a', 'b', 'c', 'kept'])
    busy.resolve()
    expect(readdirSync(await making)).toEqual(['half'])
  })

  it('keeps the beginning of a download for a week', async () => {
    const { lab } = await filled()
    const url = 'https://files.example/e'
    const sum = lab.http.serve(url, 'e'.repeat(100))
    const held = lab.http.hold(url)
    const stop = new AbortController()
    const first = lab.lakitu().fetch(url, { sha256: sum, signal: stop.signal })
    await held.reached
    stop.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    const day = 24 * 60 * 60
    const now = lab.clock.now() / 1000
    utimesSync(lab.places.partial(sum), now - 6 * day, now - 6 * day)
    expect(lab.lakitu().downloads.evict(1e9).won).toBe(0)
    utimesSync(lab.places.partial(sum), now - 8 * day, now - 8 * day)
    expect(lab.lakitu().downloads.evict(1e9).won).toBe(50)
    expect(lab.lakitu().downloads.survey().partial).toEqual([])
  })
})
