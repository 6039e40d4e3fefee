/**
 * Seconds from a saved edit to applied and healthy, on three real hosts, beside the whole playbook for the same edit:
 *
 *     npx node --conditions=lakitu-source bench/apply.ts [runs]        default 3
 *
 * Makes a cluster of its own (2 to 3 minutes), edits a copy of ansible/ and runs `lakitu apply` and `lakitu apply --force`
 * in turn; medians count, and their ratio more than the seconds. At the end it takes the cluster away. With
 * LAKITU_TEST_NOMAD=<a Nomad 2.0 binary> Nomad is part of it, else the edits to its role are left out.
 */
import { missingForHosts, missingForNomad } from '../test/support/machine.ts'
import { Playground, type Told } from '../test/support/playground.ts'

interface Kind {
  readonly name: string
  readonly file: string
  /** The file as another edit leaves it; `n` is new each time. */
  edit(text: string, n: number): string
}

const consul = 'ansible/roles/consul'

/** A last line of its own, which takes the place of the one before. */
function comment(text: string, n: number): string {
  return `${text.replace(/\n# bench \d+\n$/, '\n')}# bench ${n}\n`
}

const kinds: readonly Kind[] = [
  { name: 'template', file: `${consul}/templates/consul.hcl`, edit: comment },
  { name: 'unit', file: `${consul}/templates/consul.service`, edit: comment },
  { name: 'template of Nomad', file: 'ansible/roles/nomad/templates/nomad.hcl', edit: comment },
  { name: 'task file', file: `${consul}/tasks/main.yml`, edit: toggled('mode: "0700"', 'mode: "0710"') },
  { name: 'default', file: `${consul}/defaults/main.yml`, edit: toggled('  { readlink', '  { true; readlink') },
  { name: 'group variable', file: 'ansible/group_vars/all.yml', edit: (_, n) => `bench_note: ${n}\n` },
  { name: 'own module', file: 'ansible/library/agent.py', edit: comment },
  { name: 'new file', file: `${consul}/templates/new-N.hcl`, edit: (_, n) => `# ${n}\n` },
  { name: 'comment only', file: `${consul}/tasks/main.yml`, edit: comment },
]

function toggled(one: string, other: string) {
  return (text: string): string => (text.includes(other) ? text.replace(other, one) : text.replace(one, other))
}

interface Row {
  readonly kind: string
  readonly part: readonly number[]
  readonly full: readonly number[]
  /** What the last run of each said of its scope. */
  readonly scopes: readonly [part: string, full: string]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** The first thing that the last apply said: how much of the playbook it runs, and why. */
function scope(all: readonly Told[]): string {
  const events = all.at(-1)?.events ?? []
  const lines = events.flatMap((e) => (e.type === 'task-log' && e.task === 'apply' ? [e.line] : []))
  return lines[0] ?? 'did not run'
}

async function run(playground: Playground, command: string): Promise<Told> {
  const told = await playground.lakitu(command)
  if (told.code !== 0) throw new Error(`lakitu ${command} ended with ${told.code}\n${told.text}`)
  return told
}

let edits = 0

function save(playground: Playground, { file, edit }: Kind): void {
  edits += 1
  const path = file.replace('N', String(edits))
  let text = ''
  try {
    text = playground.read(path)
  } catch {
    // A new file.
  }
  playground.write(path, edit(text, edits))
}

async function measure(playground: Playground, kind: Kind, runs: number): Promise<Row> {
  const part: Told[] = []
  const full: Told[] = []
  for (let i = 0; i < runs; i += 1) {
    save(playground, kind)
    part.push(await run(playground, 'apply'))
    save(playground, kind)
    full.push(await run(playground, 'apply --force'))
  }
  const seconds = (all: readonly Told[]) => all.map(({ ms }) => ms / 1000)
  return { kind: kind.name, part: seconds(part), full: seconds(full), scopes: [scope(part), scope(full)] }
}

function print(rows: readonly Row[], idle: readonly number[]): void {
  const head = ['edit of', 'part, s', 'full, s', 'ratio', 'what ran', 'with --force']
  const cells = rows.map(({ kind, part, full, scopes }) => {
    const [a, b] = [median(part), median(full)]
    return [kind, a.toFixed(1), b.toFixed(1), (a / b).toFixed(2), ...scopes]
  })
  const rule = ['---', '---:', '---:', '---:', '---', '---']
  for (const row of [head, rule, ...cells]) console.log(`| ${row.join(' | ')} |`)
  console.log(
    `\napply with nothing to do: ${median(idle).toFixed(0)} ms (${idle.map((ms) => ms.toFixed(0)).join(', ')})`,
  )
}

const missing = missingForHosts()
if (missing !== undefined) {
  console.error(`bench/apply.ts: ${missing}`)
  process.exit(1)
}
const runs = Number(process.argv[2] ?? 3)
const withNomad = missingForNomad() === undefined
const playground = new Playground({
  name: 'lkbench',
  network: '10.77.8.0/24',
  consul: '1.8.7',
  environment: withNomad ? { LAKITU_NOMAD: process.env['LAKITU_TEST_NOMAD'] ?? '' } : {},
})
try {
  // A variable of a group is read by one template.
  playground.write('ansible/group_vars/all.yml', 'bench_note: 0\n')
  playground.edit(`${consul}/templates/consul.hcl`, (text) => `${text}# note {{ bench_note }}\n`)
  console.log(`a cluster from nothing: ${((await run(playground, 'apply')).ms / 1000).toFixed(0)} s`)
  const idle: number[] = []
  for (let i = 0; i < 5; i += 1) idle.push((await run(playground, 'apply')).ms)
  const rows: Row[] = []
  for (const kind of kinds) {
    if (withNomad || !kind.file.includes('/nomad/')) rows.push(await measure(playground, kind, runs))
  }
  print(rows, idle)
} finally {
  await playground.close()
}
