import { type Command, type CommandContext, command, LakituError, type ValueInput } from 'lakitu'
import * as v from 'valibot'
import { drifted, driftOf, type Wish } from './lock-drift.ts'
import { keyPath, type Lock, type LockedProduct } from './lock-file.ts'
import { checkOffline, type Step, stepFor } from './lock-steps.ts'
import { lockOnDisk, textOf, write, writeLock } from './lock-store.ts'
import type { PublicKey } from './openpgp.ts'
import { productOf } from './products.ts'
import { type Asking, newestVersion, resolve } from './resolve.ts'
import { mirrorOf, type Site, type Vendor, type VendorOptions, vendorOf, vendorSiteOf } from './vendor.ts'

export interface LockOptions extends VendorOptions {
  /** Base address of the releases of the CNI plugins; default https://github.com. */
  readonly cniSite?: string
  /** The components of the cluster by product: `cluster.pick(({ components }) => components)`. */
  readonly components: ValueInput<Readonly<Record<string, Wish>>>
}

const Wishes = v.record(
  v.string(),
  v.object({ version: v.string(), file: v.optional(v.string()), sha256: v.optional(v.string()) }),
)
const options = {
  upgrade: { about: 'ask for newer versions of the named products, or of all, within their ranges' },
  check: { about: 'write nothing and ask nobody: exit code 4 where the lock and the cluster differ' },
}
type Call = CommandContext<typeof options>

/**
 * The command `lakitu lock`: writes `lakitu.lock.json`, and `lakitu.lock.asc` with the vendor's key, for the components of the cluster. What is locked
 * and still fits is left as it is, and nobody is asked for it. Errors: those of `signedSums`, E_NOT_RESOLVED (exit 3), E_LOCK_STALE (exit 4).
 */
export function lockCommand({ components, cniSite, ...parts }: LockOptions): Command {
  const vendor = vendorOf(parts)
  const ofCni = vendorOf({ site: cniSite ?? productOf('cni').site })
  return command('lock', {
    about: 'pin the versions and sums of what the cluster names, their signatures checked',
    arguments: [{ name: 'products', about: 'with --upgrade: these alone', many: true, optional: true }],
    options,
    run: (ctx) => lock(ctx, v.parse(Wishes, components.content()), { vendor, ofCni }),
  })
}

async function lock(ctx: Call, wishes: Readonly<Record<string, Wish>>, vendors: Vendors): Promise<void> {
  checkWords(ctx, wishes)
  const current = lockOnDisk(ctx.root) ?? { products: {} }
  if (ctx.options.check) return check(ctx, current, wishes)
  const { products, signers } = await locked(ctx, { current, wishes, vendors })
  const changes = changesOf(current, { products })
  // The key first: a lock without it can be checked again, the key alone does no harm.
  const key = signers.find(({ fingerprint }) => fingerprint === vendors.vendor.fingerprint)
  if (key) write(ctx.root, keyPath, key.armored)
  writeLock(ctx.root, { products })
  if (ctx.json) ctx.out(JSON.stringify({ changes }, null, 2))
  else ctx.out(changes.length === 0 ? 'Nothing has changed.' : changes.map(changeText).join('\n'))
}

function check({ json, out }: Call, current: Lock, wishes: Readonly<Record<string, Wish>>): void {
  const drift = driftOf(current, wishes)
  if (json) out(JSON.stringify({ drift }, null, 2))
  if (Object.keys(drift).length > 0) throw drifted(drift)
  if (!json) out('The lock is as the cluster wants it.')
}

interface Vendors {
  readonly vendor: Vendor
  /** Of the CNI plugins, which nobody signs. */
  readonly ofCni: Vendor
}

interface Order {
  readonly current: Lock
  readonly wishes: Readonly<Record<string, Wish>>
  readonly vendors: Vendors
}

async function locked(ctx: Call, { current, wishes, vendors: { vendor, ofCni } }: Order) {
  const steps = Object.entries(wishes).map(([product, wish]) => {
    return stepFor({ product, wish, entry: current.products[product], upgrade: isToUpgrade(ctx, product) }, ctx.warn)
  })
  if (ctx.offline) checkOffline(steps)
  const products: Record<string, LockedProduct> = {}
  const signers: PublicKey[] = []
  const tools = fetchingOf(ctx)
  for (const step of steps) {
    const { product, entry, fitting } = step
    const sites = sitesOf(product === 'cni' ? ofCni : vendor)
    const version = await versionFor(tools, sites, step)
    if (version === undefined || version === fitting) {
      if (entry) products[product] = entry
      continue
    }
    ctx.log(`${product} ${version}: its sums, and who signed them`)
    const resolved = await resolve(tools, sites, { product, version })
    products[product] = resolved.entry
    if (resolved.signer) signers.push(resolved.signer)
  }
  return { products, signers }
}

/** The version that is to be locked; that of the entry where what there is stays. */
async function versionFor(
  tools: Asking,
  sites: readonly Site[],
  { product, wish, fitting, ask }: Step,
): Promise<string | undefined> {
  if (ask === 'keep') return fitting
  if (ask === 'sums') return wish.version
  return newestVersion(tools, sites, { product, range: wish.version, current: fitting })
}

function isToUpgrade({ args, options: { upgrade = false } }: Call, product: string): boolean {
  return upgrade && (args.length === 0 || args.includes(product))
}

function fetchingOf({ root, fetch, fetchSize, warn }: Call): Asking {
  return { root, fetch, fetchSize, warn, freshKey: true, read: (path) => textOf(root, path) }
}

function sitesOf(vendor: Vendor): readonly Site[] {
  const { LAKITU_MIRROR: mirror, LAKITU_MIRROR_KEY: key } = process.env
  return [...(mirror ? [mirrorOf(mirror, key, vendor)] : []), vendorSiteOf(vendor)]
}

function checkWords({ args, options: { upgrade = false, check: checks = false } }: Call, wishes: object): void {
  const unknown = args.find((product) => !(product in wishes))
  const headline =
    upgrade && checks
      ? '--check and --upgrade exclude each other'
      : args.length > 0 && !upgrade
        ? 'Products are named with --upgrade alone'
        : unknown !== undefined
          ? `The cluster has no ${unknown}`
          : undefined
  if (headline === undefined) return
  throw new LakituError({ code: 'E_LOCK_USAGE', headline, next: 'lakitu lock --help', family: 'usage' })
}

interface Change {
  readonly product: string
  readonly from?: string
  readonly to?: string
}

function changesOf(before: Lock, after: Lock): readonly Change[] {
  const names = [...new Set([...Object.keys(before.products), ...Object.keys(after.products)])].sort()
  return names.flatMap((product) => {
    const [from, to] = [before.products[product]?.version, after.products[product]?.version]
    return from === to
      ? []
      : [{ product, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]
  })
}

function changeText({ product, from, to }: Change): string {
  if (from === undefined) return `${product} ${to} is locked`
  return to === undefined ? `${product} ${from} is locked no more: the cluster has none` : `${product} ${from} → ${to}`
}
