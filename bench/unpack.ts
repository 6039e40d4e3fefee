/**
 * How long unpacking takes, and how much memory, beside unzip and tar on the same files in the same run:
 *
 *     node --conditions=lakitu-source bench/unpack.ts [MB of the big file, default 150] [small files, default 4000]
 *
 * One big program as in the vendors' zips, and a tree of small files. Each is unpacked five times by lakitu (a process of its own,
 * from its first line to its last) and by the tool in turn; the medians count, and their ratios more than the seconds.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const runs = 5
const [megabytes = 150, files = 4000] = process.argv.slice(2).map(Number)
const root = mkdtempSync(join(tmpdir(), 'lakitu-bench-'))
const unpacker = join(import.meta.dirname, '..', 'src', 'adapters', 'archives', 'archives.ts')

/** Says what it took: seconds, and MB at its peak (of this program alone: what rusage says counts the parent's at the fork). */
const program = `
import { readFileSync } from 'node:fs'
const start = performance.now()
const { archives } = await import(${JSON.stringify(unpacker)})
const [archive, to] = process.argv.slice(1)
await archives.unpack({ archive, to, signal: new AbortController().signal })
console.log((performance.now() - start) / 1000, /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] / 1000)
`

function run(argv: readonly string[], cwd = root): string {
  const [name = '', ...args] = argv
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd, encoding: 'utf8' })
  if (error) throw error
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/** Parts of node itself: machine code, as vendors ship it. */
function makeBig(folder: string): void {
  const source = readFileSync(process.execPath)
  const content = Buffer.alloc(megabytes * 1_000_000)
  for (let at = 0; at < content.length; at += source.length) source.copy(content, at)
  writeFileSync(join(folder, 'program'), content, { mode: 0o755 })
}

function makeTree(folder: string): void {
  for (let i = 0; i < files; i += 1) {
    const inside = join(folder, `module-${i % 97}`, `part-${i % 7}`)
    mkdirSync(inside, { recursive: true })
    const lines = Array.from(
      { length: (i % 200) + 5 },
      (_, n) => `export const value${n * i} = ${(n * 7919 * i) % 10_007}\n`,
    )
    writeFileSync(join(inside, `file-${i}.ts`), lines.join(''))
  }
}

interface Case {
  readonly archive: string
  readonly make: readonly string[]
  readonly tool: (archive: string, to: string) => readonly string[]
}

const tar = (archive: string, to: string) => ['tar', '-xf', archive, '-C', to]

function casesFor(folder: string): readonly Case[] {
  const tarOf = (how: readonly string[]) => ['tar', '-C', folder, ...how]
  return [
    {
      archive: `${folder}.zip`,
      make: ['sh', '-c', `cd ${folder} && zip -qr ../${folder}.zip .`],
      tool: (archive, to) => ['unzip', '-q', archive, '-d', to],
    },
    { archive: `${folder}.tar.gz`, make: tarOf(['-czf', `${folder}.tar.gz`, '.']), tool: tar },
    { archive: `${folder}.tar.zst`, make: tarOf(['--zstd', '-cf', `${folder}.tar.zst`, '.']), tool: tar },
    { archive: `${folder}.tar.xz`, make: tarOf(['-I', 'xz -T0 -1', '-cf', `${folder}.tar.xz`, '.']), tool: tar },
  ]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Seconds of the tool. */
function timed(argv: readonly string[]): number {
  const start = performance.now()
  run(argv)
  return (performance.now() - start) / 1000
}

function measure({ archive, make, tool }: Case): void {
  run(make)
  const [own, other, memory]: [number[], number[], number[]] = [[], [], []]
  const to = join(root, 'to')
  for (let i = 0; i < runs; i += 1) {
    const said = run([
      process.execPath,
      '--input-type=module',
      '--conditions=lakitu-source',
      '-e',
      program,
      join(root, archive),
      to,
    ])
    const [seconds = Number.NaN, peak = Number.NaN] = said.trim().split(' ').map(Number)
    own.push(seconds)
    memory.push(peak)
    rmSync(to, { recursive: true })
    mkdirSync(to)
    other.push(timed(tool(archive, to)))
    rmSync(to, { recursive: true })
  }
  const [mine, theirs] = [median(own), median(other)]
  console.log(
    `${archive} (${Math.round(statSync(join(root, archive)).size / 1e6)} MB): lakitu ${mine.toFixed(2)} s, ${Math.max(...memory).toFixed(0)} MB at most; ` +
      `${tool('', '')[0]} ${theirs.toFixed(2)} s; lakitu takes ${(mine / theirs).toFixed(2)} times that`,
  )
}

try {
  for (const [folder, fill] of [
    ['big', makeBig],
    ['tree', makeTree],
  ] as const) {
    mkdirSync(join(root, folder))
    fill(join(root, folder))
    for (const one of casesFor(folder)) measure(one)
  }
} finally {
  rmSync(root, { recursive: true })
}
