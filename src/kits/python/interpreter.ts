import { readFile } from 'node:fs/promises'
import { type Context, type Exec, LakituError, listing } from 'lakitu'
import * as v from 'valibot'

/** Minor versions of Python 3, both included. */
export interface Range {
  readonly oldest: number
  readonly newest: number
}

/** A Python that can make the environment. */
export interface Interpreter {
  /** As it is called. */
  readonly program: string
  /** Such as `3.11.7`. */
  readonly version: string
}

const Answer = v.object({ version: v.tuple([v.number(), v.number(), v.number()]), ensurepip: v.boolean() })

/** Debian's python3 comes without ensurepip, the heart of venv, which is in a package of its own. */
const question = `
import importlib.util, json, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({'version': list(sys.version_info[:3]), 'ensurepip': has('venv') and has('ensurepip')}))
`

/** The first of python3 and the versioned names that fits. Error: E_NO_PYTHON, with what is wrong with each. */
export async function choosePython(ctx: Pick<Context, 'exec' | 'signal'>, range: Range): Promise<Interpreter> {
  const versioned: string[] = []
  for (let minor = range.newest; minor >= range.oldest; minor -= 1) versioned.push(`python3.${minor}`)
  const misfits: Record<string, string> = {}
  let lacksVenv: string | undefined
  for (const program of ['python3', ...versioned]) {
    const answer = await ask(ctx.exec, program)
    ctx.signal.throwIfAborted()
    if (!answer) {
      misfits[program] = 'not here'
      continue
    }
    const version = answer.version.join('.')
    const [major, minor] = answer.version
    if (major !== 3 || minor < range.oldest || minor > range.newest) {
      misfits[program] = `is ${version}`
    } else if (!answer.ensurepip) {
      misfits[program] = `is ${version}, without venv`
      lacksVenv ??= program
    } else {
      return { program, version }
    }
  }
  throw noPython(range, misfits, await advice(range, lacksVenv))
}

/** A name on PATH may be no program that works: version managers put one there for every version they ever had. */
async function ask(exec: Exec, program: string): Promise<v.InferOutput<typeof Answer> | undefined> {
  try {
    const { stdout } = await exec(program, ['-c', question], { silent: true, timeout: 30_000 })
    return v.parse(Answer, JSON.parse(stdout))
  } catch {
    return undefined
  }
}

function noPython(range: Range, misfits: Readonly<Record<string, string>>, next: string): LakituError {
  return new LakituError({
    code: 'E_NO_PYTHON',
    headline: `There is no Python ${spoken(range)} with its venv module here`,
    facts: misfits,
    next,
    family: 'world',
  })
}

async function advice(range: Range, lacksVenv: string | undefined): Promise<string> {
  const family =
    process.platform === 'darwin' ? 'darwin' : familyOf(await readFile('/etc/os-release', 'utf8').catch(() => ''))
  const version = `3.${Math.min(range.newest, range.oldest + 1)}`
  switch (family) {
    case 'debian':
      return `sudo apt-get update && sudo apt-get install ${lacksVenv ?? 'python3'}-venv`
    case 'fedora':
      return `sudo dnf install python${version}`
    case 'arch':
      return 'sudo pacman -S python'
    case 'alpine':
      return 'sudo apk add python3'
    case 'suse':
      return `sudo zypper install python${version.replace('.', '')}`
    case 'darwin':
      return `brew install python@${version}`
    case undefined:
      return `Install Python ${spoken(range)} with its venv module, so that python3 or python${version} is on PATH.`
  }
}

const families = ['debian', 'fedora', 'arch', 'alpine', 'suse'] as const
type Family = (typeof families)[number]

/** From the text of /etc/os-release: the family whose package manager the system has. */
export function familyOf(osRelease: string): Family | undefined {
  const said = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].map(([, ids]) => ids ?? '').join(' ')
  const words = said.split(/[\s-]+/)
  if (words.includes('rhel') || words.includes('centos')) return 'fedora'
  if (words.includes('ubuntu')) return 'debian'
  return families.find((family) => words.includes(family))
}

function spoken({ oldest, newest }: Range): string {
  const versions: string[] = []
  for (let minor = oldest; minor <= newest; minor += 1) versions.push(`3.${minor}`)
  return listing(versions).replace(' and ', ' or ')
}
