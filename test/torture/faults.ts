/**
 * `npm run faults [-- --seeds 3000] [--quick] [--show] [name…]`: plants one known fault after another in a copy of the source, and
 * looks whether the simulation finds it within its number of seeds. Exits 1 where one is not found, or no longer fits the source.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { effectFaults } from './effect-faults.ts'
import type { Fault } from './fault.ts'
import { fileFaults } from './file-faults.ts'
import { planFaults } from './plans/plan-faults.ts'

const faults: readonly Fault[] = [...fileFaults, ...effectFaults, ...planFaults]
/** Most seeds of a fault that is found so soon that `npm test` plants it. */
const quick = 200

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Instead of each fault's own number. */
    seeds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    /** Also prints the shortest case. */
    show: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
})

const here = fileURLToPath(new URL('../../', import.meta.url))
const unknown = positionals.filter((name) => !faults.some((fault) => fault.name === name))
const named = faults.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const wanted = named.filter(({ within }) => !values.quick || within <= quick)
const left = named.filter((fault) => !wanted.includes(fault))
let missed = 0
for (const name of unknown) report(name, 'no such fault')

const waiting = [...wanted]
await Promise.all(Array.from({ length: Number(values.jobs) }, plantInTurn))
if (left.length > 0) process.stdout.write(`left to npm run faults: ${left.map(({ name }) => name).join(', ')}\n`)
process.stdout.write(`${wanted.length} faults planted: ${missed} not found\n`)
process.exitCode = missed === 0 ? 0 : 1

function report(name: string, what: string): void {
  if (!what.startsWith('found')) missed += 1
  process.stdout.write(`${name}: ${what}\n`)
}

/** In one copy: what is the same in all of them is compiled once. */
async function plantInTurn(): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'lakitu-fault-'))
  try {
    for (const name of ['src', 'test/torture', 'test/support', 'package.json']) {
      cpSync(join(here, name), join(copy, name), { recursive: true })
    }
    symlinkSync(join(here, 'node_modules'), join(copy, 'node_modules'))
    for (let fault = waiting.shift(); fault; fault = waiting.shift()) report(fault.name, await tryFault(copy, fault))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function tryFault(copy: string, fault: Fault): Promise<string> {
  const { file, wrong, within, program = 'torture.ts' } = fault
  const path = join(copy, 'src', file)
  const text = readFileSync(path, 'utf8')
  const [before = '', ...after] = text.split(fault.right)
  if (after.length !== 1) return `no longer fits ${file}`
  writeFileSync(path, [before, wrong, ...after].join(''))
  try {
    const seeds = values.seeds ?? String(within)
    const printed = await torture(copy, [
      program,
      '--seeds',
      seeds,
      '--jobs',
      '1',
      ...(values.show ? [] : ['--no-shrink']),
    ])
    const [all, seed, what] = /^seed (\d+): (.*)$/m.exec(printed) ?? []
    if (all === undefined) return `NOT found in ${seeds} seeds\n${printed}`
    writeFileSync(path, text)
    const right = await torture(copy, [program, '--seeds', '1', '--from', seed ?? '', '--no-shrink'])
    if (!right.includes(': 0 failed')) return `seed ${seed} fails without the fault as well`
    const rest = values.show ? `\n${printed.slice(printed.indexOf(all) + all.length)}` : ''
    return `found at seed ${seed}: ${what}${rest}`
  } finally {
    writeFileSync(path, text)
  }
}

function torture(folder: string, [program = '', ...args]: readonly string[]): Promise<string> {
  const argv = ['--conditions=lakitu-source', join(folder, 'test/torture', program), ...args]
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, '.compiled') }
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const printed: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => printed.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => printed.push(bytes))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(Buffer.concat(printed).toString()))
  })
}
