import { describe, expect, it } from 'vitest'
import { lineSplitter } from '../../../src/util/lines.ts'

const text = 'one\ntwo\r\nthree 10%\rthree 20%\n\nfür €\nlast'
const lines = ['one', 'two', 'three 10%', 'three 20%', '', 'für €', 'last']

describe('lines of a stream', () => {
  it('are the same wherever the stream is cut, inside a character too', () => {
    const bytes = Buffer.from(text)
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(split([bytes.subarray(0, at), bytes.subarray(at)]), `cut at ${at}`).toEqual(lines)
    }
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(lines)
  })

  it('are none where nothing came', () => {
    expect(split([])).toEqual([])
  })

  it('lose no byte that is not UTF-8, and a last carriage return', () => {
    expect(split([Buffer.from([0x61, 0xff, 0x0d])])).toEqual(['a\ufffd'])
  })
})

function split(pieces: readonly Uint8Array[]): readonly string[] {
  const found: string[] = []
  const splitter = lineSplitter((line) => found.push(line))
  for (const piece of pieces) splitter.push(piece)
  splitter.end()
  return found
}
