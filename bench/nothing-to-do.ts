/**
 * How long a run takes that has nothing to do, as a whole process, beside make and ninja in the same run:
 *
 *     node bench/nothing-to-do.ts [tasks …]        default 100 1000 10000
 *
 * The tree: N copies of files with a fan-out of 10 (each source is copied ten times). Each tool builds it once, then is
 * run five times in turn with the others; the medians count, and their ratios more than the seconds.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const runs = 5
const lakitu = join(import.meta.dirname, '..', 'bin', 'lakitu.js')

interface Tool {
  readonly name: string
  readonly argv: readonly string[]
}

const tools: readonly Tool[] = [
  { name: 'lakitu', argv: [process.execPath, lakitu, '--quiet', 'all'] },
  { name: 'make', argv: ['make', '-s', '-j2', 'all'] },
  { name: 'ninja', argv: ['ninja', '--quiet', 'all'] },
]

function copies(n: number): readonly (readonly [from: string, to: string])[] {
  return Array.from({ length: n }, (_, i) => [`src/${Math.floor(i / 10)}.txt`, `out/${i}.txt`])
}

function makeTree(n: number): string {
  const root = mkdtempSync(join(tmpdir(), 'lakitu-bench-'))
  for (const folder of ['src', 'out']) mkdirSync(join(root, folder))
  const all = copies(n)
  for (const from of new Set(all.map(([source]) => source))) writeFileSync(join(root, from), `${from}\n`)
  writeFileSync(join(root, 'lakitu.config.ts'), lakituConfig(n))
  const targets = all.map(([, to]) => to).join(' ')
  writeFileSync(
    join(root, 'Makefile'),
    `all: ${targets}\n${all.map(([from, to]) => `${to}: ${from}\n\tcp $< $@\n`).join('')}`,
  )
  const builds = all.map(([from, to]) => `build ${to}: cp ${from}\n`).join('')
  writeFileSync(join(root, 'build.ninja'), `rule cp\n  command = cp $in $out\n${builds}build all: phony ${targets}\n`)
  return root
}

function lakituConfig(n: number): string {
  return `import { defineConfig, input, output, task } from 'lakitu'
const copies = Array.from({ length: ${n} }, (_, i) =>
  task('copy/' + i, { command: ['cp', input('src/' + Math.floor(i / 10) + '.txt'), output('out/' + i + '.txt')] }))
export default defineConfig({ tasks: [task('all', { needs: { copies } })] })
`
}

function seconds(root: string, { argv }: Tool): number | undefined {
  const [program = '', ...args] = argv
  const start = performance.now()
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'ignore' })
  if (error) return undefined
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`)
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

for (const n of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 1000, 10_000]) {
  const root = makeTree(n)
  const there: Tool[] = []
  for (const tool of tools) {
    rmSync(join(root, 'out'), { recursive: true })
    mkdirSync(join(root, 'out'))
    const cold = seconds(root, tool)
    if (cold === undefined) console.log(`${tool.name} is not here`)
    else there.push(tool)
    if (cold !== undefined) console.log(`${n} tasks, everything to do: ${tool.name} ${cold.toFixed(2)} s`)
  }
  // Each tool's own outputs must be fresh for it: times for make and ninja, records for lakitu.
  for (const tool of there) seconds(root, tool)
  const times = new Map(there.map((tool) => [tool.name, [] as number[]]))
  for (let i = 0; i < runs; i += 1)
    for (const tool of there) times.get(tool.name)?.push(seconds(root, tool) ?? Number.NaN)
  const own = median(times.get('lakitu') ?? [])
  for (const [name, all] of times) {
    const ratio = name === 'lakitu' ? '' : `   lakitu takes ${(own / median(all)).toFixed(2)} times that`
    console.log(`${n} tasks, nothing to do: ${name} ${median(all).toFixed(3)} s${ratio}`)
  }
  rmSync(root, { recursive: true })
}
