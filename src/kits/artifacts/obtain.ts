import { basename, join } from 'node:path'
import { type Context, LakituError } from 'lakitu'
import { fromDebian } from './debian.ts'
import type { Locked } from './lock-file.ts'
import { fromNamed, type Named } from './named.ts'
import { productOf, unknown } from './products.ts'
import type { Binary, BinarySpec } from './program.ts'
import { fromSite } from './site.ts'
import { cannot, contentSum, type Found, removeLeftovers, type Served, type Tools, type Wanted } from './source.ts'
import { mirrorOf, type Vendor, vendorSiteOf } from './vendor.ts'
import { fits, isExact, notLocked } from './versions.ts'

export interface Order {
  readonly product: string
  /** The variable that names a file, for messages. */
  readonly variable: string
  readonly vendor: Vendor
  readonly mayBeLeftOut: boolean
  readonly platform: string
  readonly spec: BinarySpec | undefined
  /** What the lock has for the product, whether it fits or not. */
  readonly locked: Locked | undefined
  /** What the variables say. */
  readonly file: string | undefined
  readonly mirror: string | undefined
  readonly mirrorKey: string | undefined
}

/** Asks the sources in their order, puts the program in its place, and has it say what it is. */
export async function obtain(ctx: Tools & Pick<Context, 'leaveOut'>, order: Order): Promise<Binary> {
  const { product, spec, mayBeLeftOut } = order
  if (!spec) return ctx.leaveOut(`the cluster has no ${product}`)
  await removeLeftovers(join(ctx.root, productOf(product).output))
  const named = namedFile(order, spec)
  if (named) return settle(ctx, order, { version: versionOf(order, spec), found: await fromNamed(ctx, product, named) })
  const wanted = wantedOf(order, spec)
  const misses: [source: string, why: string][] = []
  for (const [name, ask] of sources(ctx, order, wanted)) {
    const found = await ask()
    if (found.kind === 'found') return settle(ctx, order, { version: wanted.version, found })
    misses.push([name, found.why])
  }
  const missed = Object.fromEntries(misses)
  if (mayBeLeftOut && spec.ifUnavailable === 'leave out') return ctx.leaveOut(leftOut(product, wanted.version, missed))
  throw unavailable(order, wanted.version, missed)
}

/** The one version, and what pins it: the sum that a person gave, else the lock where it has that version. */
function wantedOf(order: Order, spec: BinarySpec): Wanted {
  const { product, platform, locked } = order
  const version = versionOf(order, spec)
  if (!isExact(version)) throw notLocked(product, version, locked?.version)
  const release = productOf(product).release(version)
  if (spec.sha256 !== undefined) {
    return {
      product,
      version,
      platform,
      pin: { path: `${release.folder}/${release.file(platform)}`, sha256: spec.sha256 },
    }
  }
  return { product, version, platform, pin: locked?.version === version ? locked : undefined }
}

/** What the lock has, where it fits; else what is asked for, and that may be a range. */
function versionOf({ locked }: Order, { version }: BinarySpec): string {
  return locked && fits(locked.version, version) ? locked.version : version
}

type Source = readonly [name: string, ask: () => Promise<Found>]

function sources(tools: Tools, order: Order, wanted: Wanted): readonly Source[] {
  const vendor = vendorSiteOf(order.vendor)
  return [
    [order.variable, async () => cannot('not set')],
    ['LAKITU_MIRROR', () => fromMirror(tools, wanted, order)],
    [vendor.name, () => fromSite(tools, wanted, vendor)],
    ["the distribution's package", () => fromDebian(tools, order.product)],
  ]
}

/** The environment wins over the specification: it speaks for this one machine. */
function namedFile({ file, variable }: Order, spec: BinarySpec): Named | undefined {
  if (file) return { file, by: variable }
  return spec.file === undefined ? undefined : { file: spec.file, by: 'the specification', sha256: spec.sha256 }
}

/** Whoever sets a mirror wants it used: that it could not serve is worth a word, though others may. */
async function fromMirror(tools: Tools, wanted: Wanted, { mirror, mirrorKey, vendor }: Order): Promise<Found> {
  if (!mirror) return cannot('not set')
  const site = mirrorOf(mirror, mirrorKey, vendor)
  const found = await fromSite(tools, wanted, site)
  if (found.kind === 'cannot') {
    tools.warn(`${site.name.replace('the', 'The')} could not serve ${wanted.product}: ${found.why}`)
  }
  return found
}

interface Got {
  /** That is expected. */
  readonly version: string
  readonly found: Served
}

async function settle(tools: Tools, { product }: Order, { version: expected, found }: Got): Promise<Binary> {
  const path = productOf(product).output
  await found.place()
  const version = (await askVersion(tools, product, found.source)) ?? found.version ?? expected
  if (!fits(version, expected)) {
    tools.warn(`${product} ${version} is used, not ${expected}: it is what ${found.source} has`)
  }
  tools.log(`${product} ${version} from ${found.source}`)
  return { product, version, path, sha256: await contentSum(join(tools.root, path)) }
}

/** undefined where programs for the hosts do not run, or this one does not know its version. */
async function askVersion(tools: Tools, product: string, source: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const { asked, versionIn } = productOf(product)
  try {
    const { stdout, stderr } = await tools.exec(join(tools.root, asked.program), asked.args, {
      timeout: 30_000,
      silent: true,
    })
    const said = stdout === '' ? stderr : stdout
    const version = versionIn(said)
    if (version !== undefined) return version === unknown ? undefined : version
    throw new Error(`it answered: ${said.split('\n')[0]}`)
  } catch (error) {
    tools.signal.throwIfAborted()
    throw notTheProgram(product, source, error)
  }
}

function notTheProgram(product: string, source: string, error: unknown): LakituError {
  const { asked, archive } = productOf(product)
  const tried = [basename(asked.program), ...asked.args].join(' ')
  return new LakituError({
    code: 'E_WRONG_BINARY',
    headline: `What was got is not a ${product} that runs here`,
    facts: { source, tried, reason: error instanceof Error ? error.message : String(error) },
    next: `Give a ${archive} for Linux on this machine's architecture (${process.arch}).`,
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
      `Name a ${productOf(product).archive}:  export ${variable}=<path>`,
      "or a mirror with the vendor's layout:  export LAKITU_MIRROR=<address>",
      ...without,
    ].join('\n'),
    family: 'world',
  })
}
