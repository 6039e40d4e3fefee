/**
 * How long a file takes from a server on loopback, beside `curl | sha256sum` in the same run:
 *
 *     node --conditions=lakitu-source bench/download.ts [MB [rounds]]        default 200 5
 *
 * Each is a whole process, in turn with the others; the medians count, and their ratios more than the seconds. `lakitu's adapter`
 * hashes and writes the file, curl alone does only the first. Of the adapter also the time without the start of node and got, and the
 * most memory that its process had.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gotHttp } from '../src/adapters/http/got.ts'

const [, , mode = '200', detail = '5', ...rest] = process.argv

if (mode === 'serve') serve(detail)
else if (mode === 'get') await get(detail, rest[0] ?? '')
else await compare(Number(mode), Number(detail))

function serve(file: string): void {
  const { size } = statSync(file)
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': size, etag: '"bench"' })
    createReadStream(file, { highWaterMark: 1 << 20 }).pipe(response)
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    console.log(typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/file` : '')
  })
}

/** In a process of its own: one download, and what it took. */
async function get(url: string, into: string): Promise<void> {
  const begun = performance.now()
  await gotHttp().download(url, {
    into,
    maxSize: 2 ** 40,
    connectTimeout: 10_000,
    silenceTimeout: 30_000,
    signal: new AbortController().signal,
    onProgress: () => {},
  })
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  const cpu = (userCPUTime + systemCPUTime) / 1e6
  console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, memory: memory(), cpu }))
}

/** Most MB that this process had. The system's own count begins with what its parent had, where /proc does not tell it apart. */
function memory(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : ''
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1024
}

function makeFile(path: string, megabytes: number): void {
  const file = openSync(path, 'w')
  for (let i = 0; i < megabytes; i += 1) writeSync(file, randomBytes(1_000_000))
}

function seconds(words: readonly string[]): { readonly seconds: number; readonly stdout: string } | undefined {
  const [program = '', ...args] = words
  const begun = performance.now()
  const { status, error, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) return undefined
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`)
  return { seconds: (performance.now() - begun) / 1000, stdout }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function self(...words: readonly string[]): readonly string[] {
  return [process.execPath, '--conditions=lakitu-source', import.meta.filename, ...words]
}

async function compare(megabytes: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lakitu-bench-'))
  const file = join(folder, 'file')
  makeFile(file, megabytes)
  const [program = '', ...args] = self('serve', file)
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await measure(await addressOf(server), { file, rounds, megabytes })
  } finally {
    server.kill()
    rmSync(folder, { recursive: true })
  }
}

async function addressOf(server: ChildProcess): Promise<string> {
  if (!server.stdout) throw new Error('no output')
  const [first]: unknown[] = await once(server.stdout, 'data')
  return String(first).trim()
}

interface Plan {
  readonly file: string
  readonly rounds: number
  readonly megabytes: number
}

async function measure(url: string, { file, rounds, megabytes }: Plan): Promise<void> {
  const curl = ['sh', '-c', `curl -sf ${url} | sha256sum`]
  const times: Record<'curl' | 'process' | 'adapter' | 'memory' | 'cpu', number[]> = {
    ...{ curl: [], process: [], adapter: [], memory: [], cpu: [] },
  }
  const isThere = seconds(['curl', '--version']) !== undefined
  if (!isThere) console.log('curl is not here: nothing to compare with')
  for (let round = 0; round < rounds; round += 1) {
    if (isThere) times.curl.push(seconds(curl)?.seconds ?? Number.NaN)
    const own = seconds(self('get', url, `${file}.got`))
    const inside = JSON.parse(own?.stdout ?? '{}') as Readonly<Record<'seconds' | 'memory' | 'cpu', number>>
    times.process.push(own?.seconds ?? Number.NaN)
    times.adapter.push(inside.seconds)
    times.memory.push(inside.memory)
    times.cpu.push(inside.cpu)
    if (isThere) seconds(['cmp', file, `${file}.got`])
  }
  const base = median(times.curl)
  const line = (name: string, value: number) =>
    console.log(`${megabytes} MB, ${name}: ${value.toFixed(2)} s   ${(value / base).toFixed(2)} times curl | sha256sum`)
  line('curl | sha256sum', base)
  line("lakitu's adapter, the download alone", median(times.adapter))
  line("lakitu's adapter, as a whole process", median(times.process))
  console.log(
    `its processor time ${median(times.cpu).toFixed(2)} s, its memory at most ${Math.max(...times.memory).toFixed(0)} MB`,
  )
}
