import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CliProject, type Running } from './cli.ts'
import { testFolder } from './folder.ts'
import type { Random } from './random.ts'
import { until } from './until.ts'

/** What the config of a `SmallProject` says at the moment. */
export interface Shape {
  readonly hasUpper: boolean
  readonly copied: 'out/a' | 'out/other'
}

/** Takes a lock of the kernel, which all that come from it keep: two at the same time write it down. */
const alone = `name=$1; shift
exec 9>>"locks/$name"
flock -n 9 || echo "$name" >> overlaps
exec sh "$@"
`

const scripts = {
  'bin/alone.sh': alone,
  'bin/all.sh': 'cat in/* > "$1"\n',
  'bin/copy.sh': 'cp "$1" "$2"\n',
  'bin/slow.sh': 'head -c 2 "$1" > "$2"; sleep 0.05; tail -c +3 "$1" >> "$2"\n',
  'bin/deaf.sh': 'trap "" TERM INT; head -c 2 "$1" > "$2"; sleep 0.4; tail -c +3 "$1" >> "$2"\n',
  'bin/join.sh': 'out=$1; shift; cat "$@" > "$out"\n',
  'bin/upper.sh': 'tr a-z A-Z < "$1" > "$2"\n',
  'bin/folder.sh': 'mkdir -p "$1"; cp in/a "$1/one"; sleep 0.05; cp in/b "$1/two"\n',
  'bin/box.sh': 'mkdir -p box; echo ok > box/ok; sleep 0.2; cp in/c box/data\n',
}

/** Nine tasks that run programs; `box` is a folder of which only one file is ever looked at. */
function config({ hasUpper, copied }: Shape): string {
  return `import { files, input, output, task, witness } from 'lakitu'
const inputs = { bin: files('bin/*') }
const sh = (name: string, ...words: readonly Parameters<typeof String>[0][]) => ['sh', 'bin/alone.sh', name, ...words]
export const all = task('all', { inputs: { ...inputs, from: files('in/*') }, command: [...sh('all', 'bin/all.sh'), output('out/all')] })
export const copy = task('copy', { inputs, command: [...sh('copy', 'bin/copy.sh'), input('in/a'), output('${copied}')] })
export const slow = task('slow', { inputs, command: [...sh('slow', 'bin/slow.sh'), input('in/b'), output('out/b')] })
export const deaf = task('deaf', { inputs, command: [...sh('deaf', 'bin/deaf.sh'), input('in/c'), output('out/c')] })
export const join = task('join', { inputs, command: [...sh('join', 'bin/join.sh'), output('out/join'), input('${copied}'), input('out/b')] })
${hasUpper ? `export const upper = task('upper', { inputs, command: [...sh('upper', 'bin/upper.sh'), input('out/all'), output('out/upper')] })` : ''}
export const folder = task('folder', { inputs: { ...inputs, a: files('in/a'), b: files('in/b') }, outputs: ['out/folder'], command: [...sh('folder', 'bin/folder.sh'), 'out/folder'] })
export const box = task('box', { inputs: { ...inputs, c: files('in/c') }, outputs: [witness('box', 'ok')], command: sh('box', 'bin/box.sh') })
export const last = task('last', { inputs, command: [...sh('last', 'bin/join.sh'), output('out/last'), input('out/join'), input('out/c'), input('out/${hasUpper ? 'upper' : 'all'}')] })
export const whole = task('whole', { needs: { last, folder, box, copy } })
`
}

function outputsOf({ hasUpper, copied }: Shape): readonly string[] {
  const always = ['out/all', 'out/b', 'out/c', 'out/join', 'out/folder', 'out/last', 'box']
  return [...always, copied, ...(hasUpper ? ['out/upper'] : [])]
}

/** Few, so that an edit is often taken back. */
const texts = ['one\n', 'two, longer\n', 'three\n']
const names = ['in/a', 'in/b', 'in/c'] as const

/** A small project on which several lakitus work while somebody edits and kills. */
export class SmallProject {
  readonly cli: CliProject
  private readonly random: Random
  private shape: Shape = { hasUpper: true, copied: 'out/a' }
  private at = 0

  private constructor(root: string, random: Random) {
    this.cli = new CliProject(root)
    this.random = random
  }

  static async make(random: Random): Promise<SmallProject> {
    const made = new SmallProject(join(await testFolder(), 'project'), random)
    for (const [path, text] of Object.entries(scripts)) made.cli.write(path, text)
    for (const name of names) made.cli.write(name, texts[0] ?? '')
    mkdirSync(made.cli.path('locks'))
    made.configure()
    return made
  }

  edit(): void {
    const extra = 'in/extra'
    if (!this.random.chance(0.2)) this.cli.write(this.random.pick(names), this.random.pick(texts))
    else if (this.cli.has(extra)) this.cli.remove(extra)
    else this.cli.write(extra, this.random.pick(texts))
  }

  /** An edit after which a lakitu is killed that had begun to follow it, and which is then taken back. */
  async regret(): Promise<void> {
    const name = this.random.chance(0.5) ? 'in/c' : this.random.pick(names)
    const before = this.cli.read(name)
    this.cli.write(name, `not ${before}`)
    const running = this.start()
    const isOver = () => running.child.exitCode !== null
    await until('it to begin or to wait', () => isOver() || /started|waiting/.test(running.stdout()))
    // Half of a folder of which only one file is looked at: nothing but the intent says that it is not whole.
    const isHalf = () => this.cli.has('box/ok') && !this.cli.has('box/data')
    if (this.random.chance(0.5)) await until('half of the box, or all', () => isOver() || isHalf())
    else await wait(this.random.int(150))
    running.kill('SIGKILL')
    await running.ended
    this.cli.write(name, before)
  }

  editConfig(): void {
    const { hasUpper, copied } = this.shape
    this.shape = this.random.chance(0.5)
      ? { hasUpper: !hasUpper, copied }
      : { hasUpper, copied: copied === 'out/a' ? 'out/other' : 'out/a' }
    this.configure()
  }

  start(): Running {
    const { random } = this
    return this.cli.start(['whole', '-j', String(1 + random.int(4)), ...(random.chance(0.5) ? ['-k'] : [])])
  }

  dropCache(): void {
    if (!this.cli.has('.cache')) return
    const away = this.beside('dropped')
    renameSync(this.cli.path('.cache'), away)
    rmSync(away, { recursive: true })
  }

  keepCache(): void {
    const kept = this.beside('kept')
    cpSync(this.cli.path('.cache'), kept, { recursive: true })
  }

  /** An older copy of itself comes into its place, as a person or a CI would put it there. */
  transplantCache(): void {
    const all = readdirSync(join(this.cli.root, '..')).filter((name) => name.startsWith('kept'))
    if (all.length === 0) return
    const fresh = this.beside('coming')
    cpSync(join(this.cli.root, '..', this.random.pick(all)), fresh, { recursive: true, preserveTimestamps: true })
    this.dropCache()
    // A lakitu may have made a new one just now.
    this.dropCache()
    renameSync(fresh, this.cli.path('.cache'))
  }

  /** Path → content of all that the config's tasks make. */
  made(cli = this.cli): Readonly<Record<string, string>> {
    return Object.fromEntries(outputsOf(this.shape).flatMap((path) => contents(cli.root, path)))
  }

  /** What a build from nothing makes in a copy. */
  async fromNothing(): Promise<Readonly<Record<string, string>>> {
    const copy = new CliProject(this.beside('copy'))
    for (const name of ['in', 'bin', 'lakitu.config.ts', 'tasks.ts']) {
      cpSync(this.cli.path(name), copy.path(name), { recursive: true })
    }
    mkdirSync(copy.path('locks'))
    const { code, stdout, stderr } = await copy.run('whole')
    if (code !== 0) throw new Error(`a build from nothing failed: ${stdout}${stderr}`)
    const made = this.made(copy)
    rmSync(copy.root, { recursive: true })
    return made
  }

  private configure(): void {
    this.cli.write('tasks.ts', config(this.shape))
    const text = `import { defineConfig } from 'lakitu'\nimport * as tasks from './tasks.ts'\nexport default defineConfig({ tasks })\n`
    this.cli.write('lakitu.config.ts', text)
  }

  private beside(name: string): string {
    this.at += 1
    return join(this.cli.root, '..', `${name}-${this.at}`)
  }
}

function contents(root: string, path: string): readonly (readonly [string, string])[] {
  const place = join(root, path)
  if (!existsSync(place)) return [[path, 'absent']]
  if (!statSync(place).isDirectory()) return [[path, readFileSync(place, 'utf8')]]
  return readdirSync(place).flatMap((name) => contents(root, `${path}/${name}`))
}

/** Command lines of what runs in the folder. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const isIn = readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
      return isIn ? [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`] : []
    } catch {
      // It ended just now, or is another user's.
      return []
    }
  })
}
