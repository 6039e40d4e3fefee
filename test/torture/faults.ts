// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of the source
/**
 * `npm run faults -- --seeds 3000 [name…]`: plants one fault after another in a copy of the source, and counts the seeds that
 * the simulation takes to find it. Exits 1 where one is not found, or no longer fits the source.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { effectFaults } from './effect-faults.ts'

interface Fault {
  readonly name: string
  readonly file: string
  readonly right: string
  readonly wrong: string
}

const faults: readonly Fault[] = [
  ...effectFaults,
  {
    name: 'no intent',
    file: 'engine/execute.ts',
    right: 'if (!runsAlways(node)) state.write(kind, intentOf(attempt, now, foreign))',
    wrong: '',
  },
  {
    name: 'no look at the inputs after the run',
    file: 'engine/world.ts',
    right: 'for (const [path, before] of seen.files) {',
    wrong: 'for (const [path, before] of []) {',
  },
  {
    name: 'inputs compared by content after the run',
    file: 'engine/world.ts',
    right: 'const now = identityText(project, path)\n',
    wrong: "const now = identityText(project, path)\n  if (project.stats.fact(path) === fact) return 'same'\n",
  },
  { name: 'ctime ignored', file: 'state/stat-cache.ts', right: 'a.ctime === b.ctime &&', wrong: 'true &&' },
  {
    name: 'only newer counts',
    file: 'state/stat-cache.ts',
    right: 'a.mtime === b.mtime &&\n    a.ctime === b.ctime',
    wrong: 'b.mtime <= a.mtime',
  },
  {
    name: 'racy path trusted',
    file: 'state/stat-cache.ts',
    right: 'if (isRacy(identity, stamp))',
    wrong: 'if (false)',
  },
  {
    name: 'believed after a power cut',
    file: 'state/stat-cache.ts',
    right: 'return `1 ${boot} ${root}`',
    wrong: 'return `1 ${root}`',
  },
  { name: 'mode dropped', file: 'state/stat-cache.ts', right: 'return `file ${mode} ${', wrong: 'return `file 644 ${' },
  {
    name: 'link target dropped',
    file: 'state/stat-cache.ts',
    right: 'return `link ${text} → ${treePath',
    wrong: 'if (text) return `link ${text} → x`\n    return `link ${text} → ${treePath',
  },
  { name: 'environment dropped', file: 'fingerprint/facts.ts', right: 'env: request.env', wrong: 'env: {}' },
  {
    name: 'argv sorted',
    file: 'fingerprint/facts.ts',
    right: '...(argv ? { argv,',
    wrong: '...(argv ? { argv: [...argv].sort(),',
  },
  { name: 'program dropped', file: 'fingerprint/facts.ts', right: "program.includes('/')", wrong: 'true' },
  {
    name: 'discovered inputs dropped',
    file: 'engine/commit.ts',
    right: 'return foundSome ? { ...record, discovered } : record',
    wrong: 'return record',
  },
  {
    name: 'constant result without outputs',
    file: 'engine/commit.ts',
    right: 'sha256Json({ value, outputs })',
    wrong: "sha256Json('constant')",
  },
  {
    name: 'outputs checked only for existence',
    file: 'engine/outputs.ts',
    right: 'if (now === fact) return []',
    wrong: "if (now !== 'absent') return []",
  },
  {
    name: 'cached result by declared facts alone',
    file: 'engine/restore.ts',
    right: 'if (discoveredReasons(project, node, trace).length > 0) continue',
    wrong: '',
  },
  {
    name: 'crash forgotten',
    file: 'engine/check.ts',
    right: "if (last !== 'done')",
    wrong: "if (last !== 'done' && last !== 'crashed')",
  },
  {
    name: 'older copy of the cache believed',
    file: 'state/project.ts',
    right: 'sessions.some(({ id }) => id === this.lastSession())',
    wrong: 'true',
  },
  {
    name: 'programs of a dead lakitu not waited for',
    file: 'engine/writer.ts',
    right: 'this.succeeded = await this.finishOff()',
    wrong: 'this.succeeded = { waited: false, release: () => {} }',
  },
  {
    name: 'damaged journal read on',
    file: 'state/frames.ts',
    right: "if (crc32(payload) !== header.readUInt32LE(4)) return { state: 'damaged', at }",
    wrong: '',
  },
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '3000' } },
})
const here = fileURLToPath(new URL('../../', import.meta.url))
let missed = 0
for (const fault of faults.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const found = tryFault(fault)
  if (!found.startsWith('found')) missed += 1
  process.stdout.write(`${fault.name}: ${found}\n`)
}
process.exitCode = missed === 0 ? 0 : 1

function tryFault({ file, right, wrong }: Fault): string {
  const copy = mkdtempSync(join(tmpdir(), 'lakitu-fault-'))
  try {
    for (const name of ['src', 'test', 'package.json']) cpSync(join(here, name), join(copy, name), { recursive: true })
    symlinkSync(join(here, 'node_modules'), join(copy, 'node_modules'))
    const path = join(copy, 'src', file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(right)) return `no longer fits ${file}`
    writeFileSync(
      path,
      text.replace(right, () => wrong),
    )
    const args = [
      '--conditions=lakitu-source',
      join(copy, 'test/torture/torture.ts'),
      '--seeds',
      values.seeds,
      '--no-shrink',
    ]
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    const [, seed, what] = /^seed (\d+): (.*)$/m.exec(stdout) ?? []
    return seed === undefined ? `NOT found in ${values.seeds} seeds` : `found at seed ${seed}: ${what}`
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
