/**
 * A download in a process of its own, by the real adapter and the real environment:
 *
 *     node --conditions=lakitu-source test/support/download-main.ts <url> <into> [<sha256>]
 *
 * Says `done <bytes>` as it goes, and at the end what came of it as one line of JSON.
 */
import { gotHttp } from '../../src/adapters/http/got.ts'
import { parseSha256 } from '../../src/util/digest.ts'

const [url = '', into = '', sum = ''] = process.argv.slice(2)
const sha256 = parseSha256(sum)
const http = gotHttp({ pause: async () => {} })
try {
  const fetched = await http.download(url, {
    into,
    maxSize: 2 ** 31,
    connectTimeout: 2000,
    silenceTimeout: 5000,
    signal: new AbortController().signal,
    onProgress: (done) => console.log(`done ${done}`),
    ...(sha256 ? { sha256 } : {}),
  })
  console.log(JSON.stringify(fetched))
} catch (error) {
  console.log(JSON.stringify({ error, message: String(error) }))
}
