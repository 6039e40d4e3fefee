/**
 * What it costs that a download is interrupted, in bytes that the server sends:
 *
 *     node --conditions=lakitu-source bench/interrupted-download.ts [MB]        default 200
 *
 * Real lakitus fetch one file from a mirror on loopback: cut off ten times by the server; wanted by two lakitus of two projects that share a
 * cache; killed five times in the middle, and begun again each time. Times say little here.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { startMirror } from '../test/support/mirror.ts'

const megabytes = Number(process.argv[2] ?? '200')
const size = megabytes * 1_000_000
const lakitu = join(import.meta.dirname, '..', 'bin', 'lakitu.js')
const folder = mkdtempSync(join(tmpdir(), 'lakitu-bench-'))
const file = join(folder, 'file')
const mirror = await startMirror()
const children = new Set<ChildProcess>()

try {
  const sha256 = await makeFile()
  mirror.files.set('/file', { file })
  await cutTenTimes(sha256)
  await wantedByTwo(sha256)
  await killedFiveTimes(sha256)
} finally {
  for (const child of children) child.kill('SIGKILL')
  await mirror.close()
  rmSync(folder, { recursive: true, force: true })
}

async function makeFile(): Promise<string> {
  const to = openSync(file, 'w')
  for (let i = 0; i < megabytes; i += 1) writeSync(to, randomBytes(1_000_000))
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

async function cutTenTimes(sha256: string): Promise<void> {
  mirror.fail('/file', { kind: 'cut', after: Math.floor(size / 11) }, 10)
  const code = await ended(start(project('cut', sha256)))
  tell('cut off ten times by the server', code)
}

async function wantedByTwo(sha256: string): Promise<void> {
  const environment = { LAKITU_CACHE_DIR: join(folder, 'shared') }
  const both = ['one', 'two'].map((name) => ended(start(project(name, sha256), environment)))
  tell('wanted by two lakitus at once', ...(await Promise.all(both)))
}

async function killedFiveTimes(sha256: string): Promise<void> {
  const root = project('killed', sha256)
  mirror.fail('/file', { kind: 'slow', piece: 1 << 20, pause: 10 })
  for (let kill = 1; kill <= 5; kill += 1) {
    const child = start(root)
    while (mirror.sent('/file') < (kill * size) / 6) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGKILL')
    await ended(child)
  }
  mirror.fail('/file', { kind: 'cut', after: size }, 0)
  tell('killed five times in the middle', await ended(start(root)))
}

/** A project with one task that downloads the file. */
function project(name: string, sha256: string): string {
  const root = join(folder, name)
  mkdirSync(root)
  writeFileSync(
    join(root, 'lakitu.config.ts'),
    `import { defineConfig } from 'lakitu'
import { download } from 'lakitu/kits/artifacts'
export default defineConfig({ tasks: [download('get', { url: '${mirror.url}/file', sha256: '${sha256}', to: 'file' })] })
`,
  )
  return root
}

function start(root: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const env = { PATH: process.env['PATH'], HOME: folder, ...environment }
  const child = spawn(process.execPath, [lakitu, 'get', '--quiet'], { cwd: root, env, stdio: 'inherit' })
  children.add(child)
  return child
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  children.delete(child)
  return child.exitCode
}

function tell(what: string, ...codes: readonly (number | null)[]): void {
  const sent = mirror.sent('/file')
  const asked = mirror.answers.length
  const good = codes.every((code) => code === 0) ? '' : `   EXIT CODES ${codes.join(' ')}`
  console.log(`${what}: ${asked} answers, ${sent} bytes sent, ${(sent / size).toFixed(4)} times the file${good}`)
  mirror.forget()
  mirror.files.set('/file', { file })
}
