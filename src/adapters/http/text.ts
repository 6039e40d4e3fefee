import { tooBig } from './amiss.ts'
import type { Tools } from './download.ts'
import { Refused } from './errors.ts'
import { contentLength } from './headers.ts'

/** In ms, for what is small. */
export const smallTimeouts = { connectTimeout: 10_000, silenceTimeout: 30_000 }

interface TextOptions {
  readonly maxSize: number
  readonly signal: AbortSignal
}

/** A small text, whole, in UTF-8; nothing of an attempt that failed is kept. */
export function readText(tools: Tools, url: string, { maxSize, signal }: TextOptions): Promise<string> {
  return tools.persistently({ signal, brought: () => false }, async () => {
    const answer = await tools.ask(url, { headers: {}, decompress: true, ...smallTimeouts, signal })
    if (answer.status !== 200) {
      answer.drop()
      throw new Refused(answer)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of answer.body) {
      size += chunk.length
      if (size > maxSize) throw tooBig(url, maxSize, contentLength(answer.headers))
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  })
}
