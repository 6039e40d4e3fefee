import { StringDecoder } from 'node:string_decoder'

/** Cuts a stream of bytes into lines; a carriage return that redraws a line also ends one. */
export function lineSplitter(onLine: (line: string) => void): { push(bytes: Uint8Array): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split(/\r?\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  }
  return {
    push: (bytes) => take(decoder.write(bytes)),
    end: () => {
      take(decoder.end())
      if (rest !== '') onLine(rest.replace(/\r$/, ''))
      rest = ''
    },
  }
}
