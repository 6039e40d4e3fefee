import { describe, expect, it } from 'vitest'
import { fileHeader, frame, journalFormat, readFrames } from '../../../src/state/frames.ts'

const entries = [
  { type: 'intent', task: 'vm-up', at: 1 },
  { type: 'note', task: 'vm-up', key: 'vm/lakitu', value: { name: 'für' } },
  { type: 'end' },
]
const frames = entries.map(frame)
const whole = Buffer.concat([fileHeader(), ...frames])
/** Where a frame begins, and the end of the last one. */
const starts = [0, 1, 2, 3].map((n) => Buffer.concat([fileHeader(), ...frames.slice(0, n)]).length)

describe('the bytes of a journal', () => {
  it('begin as every lakitu expects them', () => {
    expect(fileHeader().toString('hex')).toBe('4c414b495455010a010000007724c0d4')
  })

  it('read back as they were written', () => {
    expect(readFrames(whole)).toEqual({ state: 'good', entries, length: whole.length })
    expect(readFrames(fileHeader())).toEqual({ state: 'good', entries: [], length: fileHeader().length })
    expect(readFrames(Buffer.alloc(0))).toEqual({ state: 'good', entries: [], length: 0 })
  })

  it('cut off anywhere are believed up to the last whole frame', () => {
    for (let size = 0; size < whole.length; size += 1) {
      const held = starts.filter((start) => start <= size)
      const read = readFrames(whole.subarray(0, size))
      const expected = {
        state: 'good',
        entries: entries.slice(0, Math.max(0, held.length - 1)),
        length: held.at(-1) ?? 0,
      }
      expect(read, `${size} bytes`).toEqual(expected)
    }
  })

  it('with any bit of any byte flipped are damaged, and nothing of them is believed', () => {
    for (let at = 0; at < whole.length; at += 1) {
      for (const bit of [1, 0x10, 0x80]) {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ bit
        expect(readFrames(bytes).state, `byte ${at}, bit ${bit}`).toBe('damaged')
      }
    }
  })

  it('with a byte taken out or put in are damaged, unless only the tail is torn', () => {
    for (let at = 0; at < whole.length - 1; at += 1) {
      const shorter = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)])
      const longer = Buffer.concat([whole.subarray(0, at), Buffer.from([0x7f]), whole.subarray(at)])
      for (const read of [readFrames(shorter), readFrames(longer)]) {
        if (read.state === 'good') expect(entries.slice(0, read.entries.length)).toEqual(read.entries)
        else expect(read.state).toBe('damaged')
      }
    }
  })

  it('followed by zeros, as a power cut may leave them, are damaged', () => {
    expect(readFrames(Buffer.concat([whole, Buffer.alloc(64)])).state).toBe('damaged')
  })

  it('of a newer format say so, of an older or other one are damaged', () => {
    const [newer, older] = [journalFormat + 1, journalFormat - 1].map((format) =>
      Buffer.concat([fileHeader(format), ...frames]),
    )
    expect(readFrames(newer ?? whole)).toEqual({ state: 'newer', format: journalFormat + 1 })
    expect(readFrames(older ?? whole).state).toBe('damaged')
    expect(readFrames(Buffer.from('some text that is no journal')).state).toBe('damaged')
    expect(readFrames(Buffer.from('text')).state).toBe('damaged')
  })
})
