import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { downloadsLab } from '../../support/downloads.ts'

const url = 'https://files.example/tool.zip'

describe('several that want one thing', () => {
  it('cause one transfer in one process, with and without a sum, also where the server tells nothing to compare', async () => {
    for (const knows of [true, false]) {
      const lab = await downloadsLab()
      const sum = lab.http.serve(url, 'the tool', {})
      const lakitu = lab.lakitu()
      const names = ['a', 'b', 'c', 'd', 'e']
      const got = await Promise.all(
        names.map((task) => lakitu.fetch(url, { task, to: lab.path(task), ...(knows ? { sha256: sum } : {}) })),
      )
      expect(lab.http.asked.length).toBe(1)
      expect(got.map(({ from }) => from)).toEqual(['network', 'cache', 'cache', 'cache', 'cache'])
      expect(names.map((name) => lab.read(name))).toEqual(names.map(() => 'the tool'))
      expect(lakitu.said).toEqual(['b', 'c', 'd', 'e'].map((task) => `${task}: waiting for a, which gets the file too`))
    }
  })

  it('cause one transfer in two processes, and the one that waits says so once', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool', {})
    for (const wanted of [{ sha256: sum }, {}]) {
      const [here, there] = [
        lab.lakitu({ root: lab.path('here'), environment: shared(lab.root) }),
        lab.lakitu({ environment: shared(lab.root) }),
      ]
      const held = lab.http.hold(url)
      const first = here.fetch(url, wanted)
      await held.reached
      const second = there.fetch(url, wanted)
      // The clock jumps: the other one has looked many times when this comes.
      await lab.clock.wait(2000)
      held.release()
      expect((await first).sha256).toBe(sum)
      expect((await second).from).toBe('cache')
    }
    expect(lab.http.transfers.length).toBe(2)
  })

  it('are not failed by the stop of the one that transfers: the next goes on where it was', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    for (const other of [true, false]) {
      const lakitu = lab.lakitu({ environment: shared(lab.path(String(other))) })
      const held = lab.http.hold(url)
      const stop = new AbortController()
      const first = lakitu.fetch(url, { sha256: sum, task: 'a', signal: stop.signal })
      await held.reached
      const second = (other ? lab.lakitu({ environment: shared(lab.path(String(other))) }) : lakitu).fetch(url, {
        sha256: sum,
        task: 'b',
      })
      stop.abort(new Error('enough'))
      await expect(first).rejects.toThrow('enough')
      expect(readFileSync((await second).path, 'utf8')).toBe('the tool')
      expect(lab.http.transfers.splice(0).map(({ from }) => from)).toEqual([0, 4])
    }
  })

  it('throw nothing away while another one is about to put the right thing there', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    const held = lab.http.hold(url)
    const first = lab.lakitu().fetch(url, { sha256: sum })
    await held.reached
    const place = lab.places.content(sum)
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, 'damaged')
    const lakitu = lab.lakitu()
    const second = lakitu.fetch(url, { sha256: sum })
    await lab.clock.wait(1000)
    expect(readFileSync(place, 'utf8')).toBe('damaged')
    held.release()
    await first
    expect((await second).from).toBe('cache')
    expect(lakitu.said.join()).not.toContain('thrown away')
  })

  it('can be stopped while they wait', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve(url, 'the tool')
    for (const waits of ['here', 'there']) {
      const lakitu = lab.lakitu({ environment: shared(lab.path(waits)) })
      const held = lab.http.hold(url)
      const first = lakitu.fetch(url, { sha256: sum, task: 'a' })
      await held.reached
      const stop = new AbortController()
      const waiting = waits === 'here' ? lakitu : lab.lakitu({ environment: shared(lab.path(waits)) })
      const second = waiting.fetch(url, { sha256: sum, task: 'b', signal: stop.signal })
      const ended = expect(second).rejects.toThrow('enough')
      await lab.clock.wait(1000)
      stop.abort(new Error('enough'))
      await ended
      expect(waiting.said.length).toBe(1)
      if (waits === 'there')
        expect(waiting.said[0]).toMatch(/^b: waiting for another lakitu that downloads the file \(pid \d+, a, for /)
      held.release()
      expect((await first).from).toBe('network')
    }
  })

  it('fail together where all would ask the same, and ask for themselves where not', async () => {
    const lab = await downloadsLab()
    const sum = lab.http.serve('https://mirror.example/tool.zip', 'the tool')
    const lakitu = lab.lakitu()
    const asks = [url, url, 'https://mirror.example/tool.zip'].map((from) => lakitu.fetch(from, { sha256: sum }))
    const ends = await Promise.allSettled(asks)
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(lab.http.asked).toEqual([url, 'https://mirror.example/tool.zip'])
  })
})

function shared(folder: string): Readonly<Record<string, string>> {
  return { LAKITU_CACHE_DIR: folder }
}
