import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type Entry, noHistory, type RunRecord } from '../../../src/model/record.ts'
import { fold, unfold } from '../../../src/state/histories.ts'
import { sha256 } from '../../../src/util/digest.ts'
import { forSeeds, type Random } from '../../support/random.ts'

describe('a compaction', () => {
  it('keeps what every history means, and is the shortest already', async () => {
    await forSeeds(2000, (random) => {
      const histories = fold(Array.from({ length: random.int(20) }, () => randomEntry(random)))
      for (const task of histories.keys()) expect(tasks).toContain(task)
      const kept = unfold(histories)
      // A task of which only a note is known that was taken back is as good as one never heard of.
      const meant = new Map([...histories].filter(([, history]) => !isDeepStrictEqual(history, noHistory)))
      expect(fold(kept)).toEqual(meant)
      expect(unfold(fold(kept))).toEqual(kept)
    })
  })
})

describe('what is known of a task', () => {
  const success = record('first')
  const intent: Entry = { type: 'intent', task: 'a', at: 1 }
  const of = (...entries: readonly Entry[]) => fold(entries).get('a')

  it('after an intent without an end is crashed, with its last success still known', () => {
    expect(of({ type: 'done', task: 'a', record: success }, intent)).toMatchObject({ last: 'crashed', success })
  })

  it('keeps notes over failures and crashes, and drops one that is taken back', () => {
    const notes: Entry[] = ['x', 'y'].map((key) => ({ type: 'note', task: 'a', key, value: { key } }))
    const failed: Entry = { type: 'ended', task: 'a', outcome: 'failed', at: 2 }
    expect(of(intent, ...notes, failed, intent)?.notes).toEqual({ x: { key: 'x' }, y: { key: 'y' } })
    expect(of(intent, ...notes, { type: 'note', task: 'a', key: 'x', value: null })?.notes).toEqual({ y: { key: 'y' } })
  })

  it('keeps what was foreign when an attempt began until the next success, of each output what was found last', () => {
    const found = (foreign: Readonly<Record<string, readonly string[]>>): Entry => ({ ...intent, foreign })
    const failed: Entry = { type: 'ended', task: 'a', outcome: 'failed', at: 2 }
    const began = [found({ out: ['x', 'y'], old: ['z'] }), failed, found({ out: ['x'] })]
    expect(of(...began)?.foreign).toEqual({ out: ['x'], old: ['z'] })
    expect(of(...began, { type: 'done', task: 'a', record: success })?.foreign).toBeUndefined()
  })

  it('after an undo is nothing but that', () => {
    const undone: Entry = { type: 'ended', task: 'a', outcome: 'undone', at: 3 }
    const note: Entry = { type: 'note', task: 'a', key: 'x', value: 1 }
    expect(of(intent, note, { type: 'done', task: 'a', record: success }, undone)).toEqual({
      success: undefined,
      last: 'undone',
      inputs: undefined,
      foreign: undefined,
      notes: {},
    })
  })

  it('is nothing once it was forgotten', () => {
    expect(of(intent, { type: 'done', task: 'a', record: success }, { type: 'forgotten', task: 'a' })).toBeUndefined()
  })

  it('after it was left out has no success, after a failure the old one', () => {
    const ended = (outcome: 'failed' | 'skipped'): Entry => ({ type: 'ended', task: 'a', outcome, at: 2 })
    const done: Entry = { type: 'done', task: 'a', record: success }
    expect(of(done, intent, ended('skipped'))?.success).toBeUndefined()
    expect(of(done, intent, ended('failed'))?.success).toEqual(success)
  })
})

function record(run: string): RunRecord {
  const [fingerprint, result] = [sha256('f'), sha256(run)]
  return { run, facts: { format: 1 }, fingerprint, value: null, outputs: {}, result, at: 1, ms: 2 }
}

const tasks = ['a', 'b', '__proto__']

/** As the engine writes them: what ends an attempt comes after its intent, notes at any time. */
function randomEntry(random: Random): Entry {
  const task = random.pick(tasks)
  switch (random.int(8)) {
    case 0:
      return random.pick([{ type: 'session', tree: 't', root: '/', boot: 'b' }, { type: 'lost' }, { type: 'end' }])
    case 4:
      return { type: 'forgotten', task }
    case 1:
      return {
        type: 'intent',
        task,
        at: 0,
        ...(random.chance(0.5) ? randomInputs(random) : {}),
        ...(random.chance(0.5) ? { foreign: { [random.pick(['out', '__proto__'])]: [random.pick(['x', 'y'])] } } : {}),
      }
    case 2:
      return { type: 'done', task, record: record(random.pick(['r1', 'r2'])) }
    case 3:
      return { type: 'ended', task, outcome: random.pick(['failed', 'moved', 'skipped', 'undone']), at: 0 }
    default:
      return { type: 'note', task, key: random.pick(['k', '__proto__']), value: random.pick([null, 1, { x: 1 }]) }
  }
}

function randomInputs(random: Random): Pick<Extract<Entry, { type: 'intent' }>, 'inputs' | 'secrets'> {
  const inputs = { n: random.int(3) }
  return random.chance(0.5) ? { inputs } : { inputs, secrets: { token: { env: random.pick(['A', 'B']) } } }
}
