/**
 * `npm test`: all that this machine can run, what it skipped and why, and the counts in the last line.
 * In CI nothing that CI can run may be skipped for lack of a tool: that is a failure there.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingForHosts, missingForNomad } from './support/machine.ts'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const scratch = mkdtempSync(join(tmpdir(), 'lakitu-test-'))
const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
const inCi = process.env['CI'] === 'true'

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A command that passes or fails as a whole. */
function command(title: string, argv: readonly string[]): void {
  say(`\n== ${title}`)
  const [program = '', ...args] = argv
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) counts.passed += 1
  else counts.failed += 1
}

function suite(name: string): void {
  say(`\n== tests: ${name}`)
  const file = join(scratch, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { status } = spawnSync('vitest', ['run', '--project', name, ...reporters], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const result: Readonly<Record<string, unknown>> = readJson(file)
  counts.passed += Number(result['numPassedTests'] ?? 0)
  counts.skipped += Number(result['numPendingTests'] ?? 0) + Number(result['numTodoTests'] ?? 0)
  const failed = Number(result['numFailedTests'] ?? 0)
  counts.failed += failed
  // A file that does not even load counts no test, but it is a failure.
  if (status !== 0 && failed === 0) counts.failed += 1
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

function skip(what: string, why: string): void {
  say(`\n== SKIPPED: ${what}\n   ${why}`)
  counts.skipped += 1
}

command('types', ['tsc', '--noEmit'])
command('lint and format', ['biome', 'check', '.'])
suite('unit')
command('simulated builds', ['node', '--conditions=lakitu-source', 'test/torture/torture.ts', '--seeds', '500'])
command('random roles against a slow oracle', [
  'node',
  '--conditions=lakitu-source',
  'test/torture/plans/plans.ts',
  '--seeds',
  '1500',
])
// Those that are found soon; it prints which are left to `npm run faults`.
command('planted faults', ['node', '--conditions=lakitu-source', 'test/torture/faults.ts', '--quick'])
suite('cli')
suite('demonstrations')

// What the first of them fetches is enough for the others.
process.env['LAKITU_TEST_CACHE'] = join(scratch, 'cache')
const missing = missingForHosts()
if (missing === undefined) suite('real')
else if (inCi) {
  say(`\n== FAILED: three real hosts cannot be made in CI: ${missing}`)
  counts.failed += 1
} else skip('three real hosts', missing)

const nomad = missingForNomad()
if (nomad !== undefined) skip('real Nomad in these suites: the job, its logs, ready clients', nomad)

rmSync(scratch, { recursive: true, force: true })
say(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 ? 0 : 1
