import type { Tools } from './download.ts'
import { Refused } from './errors.ts'
import { contentEncoding, contentLength } from './headers.ts'
import { smallTimeouts } from './text.ts'

/** Servers that know no HEAD. */
const withoutHead = [405, 501]

/** What a server says of the size of a file, without the file. */
export function readSize(
  tools: Tools,
  url: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<number | undefined> {
  return tools.persistently({ signal, brought: () => false }, async () => {
    // Packed, the length would be another one.
    const headers = { 'accept-encoding': 'identity' }
    const answer = await tools.ask(url, { method: 'HEAD', headers, decompress: false, ...smallTimeouts, signal })
    answer.drop()
    if (answer.status !== 200 && !withoutHead.includes(answer.status)) throw new Refused(answer)
    const isWhole = answer.status === 200 && contentEncoding(answer.headers) === undefined
    return isWhole ? contentLength(answer.headers) : undefined
  })
}
