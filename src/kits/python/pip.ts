import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnyTask, type Context, files, LakituError, type Task, task, updates, value } from 'lakitu'
import type { Venv } from './venv.ts'

export interface PipOptions {
  readonly venv: Task<Venv>
  /** The package that all this is for. */
  readonly package: string
  /** A file with the whole tree of dependencies, each pinned with its hashes; relative to the root. */
  readonly requirements: string
  /** Programs that it brings into the environment's `bin`: the task's outputs. */
  readonly programs: readonly [string, ...string[]]
  readonly about?: string
  readonly after?: readonly AnyTask[]
}

/** The value of the task. */
export interface Installed {
  readonly package: string
  readonly version: string
}

/**
 * A task that installs into the environment exactly what the requirements pin. Fails with E_UNREACHABLE (exit 3) where
 * no package index answers (offline: E_OFFLINE), E_WRONG_SUM, or E_PIP with pip's own word.
 */
export function pipInstall(name: string, options: PipOptions): Task<Installed> {
  const { requirements, programs, package: of } = options
  return task(name, {
    about: options.about ?? `${of} in the virtual environment`,
    needs: { venv: options.venv },
    inputs: { requirements: files(requirements), wanted: value({ package: of, requirements }) },
    outputs: [updates(options.venv, ...programs.map((program) => `bin/${program}`))],
    portable: false,
    after: options.after ?? [],
    run: (ctx) => install(ctx, { ...ctx.inputs.wanted, ...ctx.needs.venv }),
  })
}

interface Wanted {
  readonly package: string
  readonly requirements: string
  /** Of the environment. */
  readonly folder: string
  /** The version of Python in it. */
  readonly python: string
}

type Tools = Pick<Context, 'exec' | 'root' | 'progress' | 'keep'>

/** Fetches what is pinned into the cache of downloads, where it is not there yet, and installs from there: the second time no index is asked. */
export async function install(ctx: Tools, wanted: Wanted): Promise<Installed> {
  const python = join(ctx.root, wanted.folder, 'bin/python3')
  const pip: Pip = (args) => runPip(ctx, wanted, [python, '-m', 'pip', ...args])
  const fetched = await ctx.keep(await keptName(ctx.root, wanted), (folder) => fetchAll(pip, wanted, folder), {
    about: `Python packages for ${wanted.package}`,
  })
  await pip(['install', ...howToInstall, ...(await from(fetched)), '-r', wanted.requirements])
  return { package: wanted.package, version: await versionOf(ctx, python, wanted.package) }
}

type Pip = (args: readonly string[]) => Promise<void>

/** Which files pip takes is decided by what is pinned, by the Python and by the machine. */
async function keptName(root: string, { requirements, python }: Wanted): Promise<string> {
  const pinned = await readFile(join(root, requirements))
  const minor = python.split('.', 2).join('.')
  const digest = createHash('sha256').update(pinned).update(`\0${minor}\0${process.platform}\0${process.arch}`)
  return `python/${digest.digest('hex').slice(0, 16)}`
}

async function fetchAll(pip: Pip, { requirements }: Wanted, folder: string): Promise<void> {
  await pip(['download', '--require-hashes', ...quietly, '-d', folder, '-r', requirements])
}

/** What is no wheel has to be built here, with tools that pip gets from the index. */
async function from(folder: string): Promise<readonly string[]> {
  const isAllBuilt = (await readdir(folder)).every((name) => name.endsWith('.whl'))
  return [...(isAllBuilt ? ['--no-index'] : []), '--find-links', folder]
}

async function runPip(ctx: Tools, wanted: Wanted, [program = '', ...args]: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await ctx.exec(program, args, {
    env: environment,
    passEnv,
    okCodes: [0, 1, 2],
    onLine: (line) => {
      const doing = /^(?:Collecting|Installing collected packages:) (.{1,60})/.exec(line)
      if (doing) ctx.progress(`pip: ${doing[0]}`)
    },
  })
  if (code !== 0) throw pipError(wanted, `${stdout}\n${stderr}`)
}

const quietly = ['--no-input', '--progress-bar', 'off']

const howToInstall = [
  // Without --no-deps: a requirement that the file forgot to pin is then an error here, and not one of Ansible's later.
  '--require-hashes',
  // The environment may hold the packages without their programs, which are outputs and are removed before a run.
  '--force-reinstall',
  ...quietly,
]

/** The index, its certificates and the ways to it are the person's own affair. */
const passEnv = ['PIP_*', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC']

/** Where it goes is not: these would lead it somewhere else than into the environment. */
const environment: Readonly<Record<string, string | undefined>> = {
  PIP_USER: '0',
  PIP_TARGET: undefined,
  PIP_PREFIX: undefined,
  PIP_ROOT: undefined,
  PIP_DRY_RUN: undefined,
  PIP_REQUIREMENT: undefined,
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_WARN_SCRIPT_LOCATION: '1',
}

async function versionOf(ctx: Tools, python: string, of: string): Promise<string> {
  const script = 'import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))'
  const { stdout } = await ctx.exec(python, ['-c', script, of], { silent: true })
  return stdout.trim()
}

/** With no retries pip does not speak of connections; that it saw no version at all means the same. */
const noConnection =
  /from versions: none|NewConnectionError|NameResolutionError|name resolution|ConnectTimeoutError|ReadTimeoutError|ProxyError|Connection refused|Network is unreachable/
const badCertificate = /CERTIFICATE_VERIFY_FAILED|SSLError/

function pipError({ package: of, requirements }: Wanted, output: string): LakituError {
  const errors = output.split('\n').filter((line) => line.startsWith('ERROR: '))
  const facts = { package: of, requirements, pip: errors.at(-1)?.slice('ERROR: '.length) }
  const headline = `pip could not install ${of}`
  if (badCertificate.test(output)) {
    const next =
      'Behind an own certificate authority: export PIP_CERT=<its certificate>, then run the same command again.'
    return new LakituError({
      code: 'E_UNREACHABLE',
      family: 'world',
      headline: `${headline}: the package index's certificate is not trusted here`,
      facts,
      next,
    })
  }
  if (noConnection.test(output)) {
    const next = 'Check the network, or name an index that can be reached: export PIP_INDEX_URL=<address>'
    return new LakituError({
      code: 'E_UNREACHABLE',
      family: 'world',
      headline: `${headline}: no package index can be reached`,
      facts,
      next,
    })
  }
  if (output.includes('DO NOT MATCH THE HASHES')) {
    const next = 'The index serves other files than those that were pinned: use another index, and find out why.'
    return new LakituError({
      code: 'E_WRONG_SUM',
      headline: `${headline}: a package does not have its pinned hash`,
      facts,
      next,
    })
  }
  const next = 'See the log of this task; then correct the requirements, or the settings of pip (PIP_*, pip.conf).'
  return new LakituError({ code: 'E_PIP', headline, facts, next })
}
