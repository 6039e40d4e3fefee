import { dirname, join } from 'node:path'
import { type Context, LakituError } from 'lakitu'
import { fromDebian } from './debian.ts'
import { fromNamed, type Named } from './named.ts'
import type { Binary, BinarySpec } from './program.ts'
import { versionIn } from './release.ts'
import { fromKept, fromSite } from './site.ts'
import { cannot, type Found, fileSum, keptFolder, removeLeftovers, type Tools, type Wanted } from './source.ts'

export interface Order {
  readonly product: string
  /** The variable that names a file, for messages. */
  readonly variable: string
  readonly site: string
  readonly mayBeLeftOut: boolean
  readonly spec: BinarySpec | undefined
  /** What the two variables say. */
  readonly file: string | undefined
  readonly mirror: string | undefined
}

/** Fixed, because outputs are declared before anybody knows the version. */
export function outputOf(product: string): string {
  return `.cache/bin/${product}/${product}`
}

/** Asks the sources in their order, puts the program in its place, and has it say what it is. */
export async function obtain(ctx: Tools & Pick<Context, 'leaveOut'>, order: Order): Promise<Binary> {
  const { product, spec, mayBeLeftOut } = order
  if (!spec) return ctx.leaveOut(`the cluster has no ${product}`)
  await removeLeftovers(join(ctx.root, keptFolder(product, spec.version)))
  await removeLeftovers(join(ctx.root, dirname(outputOf(product))))
  const misses: [source: string, why: string][] = []
  for (const [name, ask] of sources(ctx, order, spec)) {
    const found = await ask()
    if (found.kind === 'found') return settle(ctx, order, spec, found)
    if (name !== undefined) misses.push([name, found.why])
  }
  const missed = Object.fromEntries(misses)
  if (mayBeLeftOut && spec.ifUnavailable === 'leave out') return ctx.leaveOut(leftOut(product, spec.version, missed))
  throw unavailable(order, spec.version, missed)
}

type Source = readonly [name: string | undefined, ask: () => Promise<Found>]

function sources(tools: Tools, order: Order, spec: BinarySpec): readonly Source[] {
  const { product, variable } = order
  const wanted: Wanted = { product, version: spec.version, sha256: spec.sha256 }
  const named = namedFile(order, spec)
  if (named) return [[named.by, () => fromNamed(tools, product, named)]]
  return [
    [variable, async () => cannot('not set')],
    [undefined, () => fromKept(tools, wanted)],
    ['LAKITU_MIRROR', () => fromMirror(tools, wanted, order.mirror)],
    [hostOf(order.site), () => fromSite(tools, wanted, { name: hostOf(order.site), url: trimmed(order.site) })],
    ["the distribution's package", () => fromDebian(tools, product)],
  ]
}

/** The environment wins over the specification: it speaks for this one machine. */
function namedFile({ file, variable }: Order, spec: BinarySpec): Named | undefined {
  if (file) return { file, by: variable }
  return spec.file === undefined ? undefined : { file: spec.file, by: 'the specification', sha256: spec.sha256 }
}

/** Whoever sets a mirror wants it used: that it could not serve is worth a word, though others may. */
async function fromMirror(tools: Tools, wanted: Wanted, mirror: string | undefined): Promise<Found> {
  if (!mirror) return cannot('not set')
  if (!/^https?:\/\/./.test(mirror) || !URL.canParse(mirror)) throw notAMirror(mirror)
  const found = await fromSite(tools, wanted, { name: `the mirror ${shown(mirror)}`, url: trimmed(mirror) })
  if (found.kind === 'cannot') tools.warn(`The mirror ${shown(mirror)} could not serve ${wanted.product}: ${found.why}`)
  return found
}

async function settle(tools: Tools, order: Order, spec: BinarySpec, found: Found & { kind: 'found' }): Promise<Binary> {
  const { product } = order
  const path = outputOf(product)
  await found.place(path)
  const version = (await askVersion(tools, product, path, found.source)) ?? spec.version
  if (version !== spec.version) {
    tools.warn(`${product} ${version} is used, not ${spec.version}: it is what ${found.source} has`)
  }
  tools.log(`${product} ${version} from ${found.source}`)
  return { product, version, path, sha256: await fileSum(join(tools.root, path)), source: found.source }
}

/** undefined where programs for the hosts do not run. */
async function askVersion(tools: Tools, product: string, path: string, source: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const program = join(tools.root, path)
  try {
    const { stdout } = await tools.exec(program, ['version'], { timeout: 30_000, silent: true })
    const version = versionIn(stdout, product)
    if (version !== undefined) return version
    throw new Error(`it answered: ${stdout.split('\n')[0]}`)
  } catch (error) {
    tools.signal.throwIfAborted()
    throw notTheProgram(product, source, error)
  }
}

function notTheProgram(product: string, source: string, error: unknown): LakituError {
  return new LakituError({
    code: 'E_WRONG_BINARY',
    headline: `What was got is not a ${product} that runs here`,
    facts: { source, tried: `${product} version`, reason: error instanceof Error ? error.message : String(error) },
    next: `Give a ${product} for Linux on this machine's architecture (${process.arch}).`,
    cause: error,
  })
}

function leftOut(product: string, version: string, missed: Readonly<Record<string, string>>): string {
  const reasons = Object.entries(missed).map(([source, why]) => `${source}: ${why}`)
  return `${product} ${version} cannot be had (${reasons.join('; ')})`
}

function unavailable(order: Order, version: string, facts: Readonly<Record<string, string>>): LakituError {
  const { product, variable, mayBeLeftOut } = order
  const without = mayBeLeftOut ? [`To go on without it: ifUnavailable: 'leave out' for ${product} in the cluster.`] : []
  return new LakituError({
    code: 'E_UNAVAILABLE',
    headline: `No source has ${product} ${version}`,
    facts,
    next: [
      `Name a ${product} program or release zip:  export ${variable}=<path>`,
      "or a mirror with the vendor's layout:  export LAKITU_MIRROR=<address>",
      ...without,
    ].join('\n'),
    family: 'world',
  })
}

function notAMirror(mirror: string): LakituError {
  return new LakituError({
    code: 'E_MIRROR',
    headline: 'LAKITU_MIRROR is not an http or https address',
    facts: { LAKITU_MIRROR: mirror },
    next: 'Give the base address below which <product>/<version>/<product>_<version>_<os>_<arch>.zip lies.',
    family: 'usage',
  })
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

/** Without a password that may be in it. */
function shown(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return trimmed(parsed.href)
}
