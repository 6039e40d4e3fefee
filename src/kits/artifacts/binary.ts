import { env, files, type Task, task, type ValueInput, value } from 'lakitu'
import * as v from 'valibot'
import { type Lock, lockedFor } from './lock-file.ts'
import { obtain } from './obtain.ts'
import { type Product, productOf } from './products.ts'
import type { Binary, BinarySpec } from './program.ts'
import { hostPlatform } from './release.ts'
import { shown, type Vendor, type VendorOptions, vendorOf } from './vendor.ts'

export interface BinaryOptions<S> extends VendorOptions {
  readonly spec: ValueInput<S>
  /** What `lockFile(…)` made of the lock; only this product's part of it counts. Default: nothing is locked. */
  readonly lock?: ValueInput<Lock | undefined>
  /** Whether a specification with `ifUnavailable: 'leave out'` is heeded; the value is then `Binary | undefined`. */
  readonly mayBeLeftOut?: boolean
}

/**
 * The task `<product>-bin`: makes `.cache/bin/<product>/<product>` for the hosts (Linux, this machine's architecture).
 * Sources in order: a file (LAKITU_<PRODUCT>, `file`), what an earlier run kept in .cache/downloads, the mirror of
 * LAKITU_MIRROR, the vendor's site, the distribution's package. With the lock a site is asked for the zip alone; without it its list of
 * sums has to be signed by the vendor's key, or by the one in the file that LAKITU_MIRROR_KEY names, for what the mirror has. Fails with
 * E_UNAVAILABLE (exit 3), which tells of each why not; with E_NOT_LOCKED where nobody knows which version a range stands for; and with
 * E_WRONG_SUM, E_NAMED_FILE or what is wrong with a signature, for which no other source is asked.
 */
export function binary<S extends BinarySpec | undefined>(
  product: string,
  options: BinaryOptions<S> & { readonly mayBeLeftOut: true },
): Task<Binary | undefined>
export function binary(product: string, options: BinaryOptions<BinarySpec>): Task<Binary>
export function binary(product: string, options: BinaryOptions<BinarySpec | undefined>): Task<Binary | undefined> {
  const about = `The ${product} program for the hosts`
  return productTask(`${product}-bin`, about, { ...options, product: productOf(product), vendor: vendorOf(options) })
}

interface ProductOptions extends BinaryOptions<BinarySpec | undefined> {
  readonly product: Product
  readonly vendor: Vendor
}

/** A task that makes the output of a product. */
export function productTask(
  name: string,
  about: string,
  { product: { name: product, output }, vendor, spec, lock, mayBeLeftOut = false }: ProductOptions,
): Task<Binary | undefined> {
  const platform = hostPlatform()
  const variable = `LAKITU_${product.replaceAll('-', '_').toUpperCase()}`
  return task(name, {
    about,
    inputs: {
      wanted: value({ product, variable, platform, vendor, mayBeLeftOut }),
      spec,
      locked: (lock ?? value<Lock | undefined>(undefined)).pick((whole) => lockedFor(whole, product, platform)),
      file: env(variable),
      mirror: value(() => shown(process.env[mirrorVariable] ?? '')),
      mirrorKey: env('LAKITU_MIRROR_KEY'),
      content: namedContent(variable, spec),
    },
    outputs: [output],
    mayBeLeftOut,
    run: (ctx) => obtain(ctx, { ...ctx.inputs, ...ctx.inputs.wanted, mirror: process.env[mirrorVariable] }),
  })
}

/** Its password is none of the facts, which are kept as they are; and it does not decide what comes. */
const mirrorVariable = 'LAKITU_MIRROR'

const WithFile = v.object({ file: v.string() })

/**
 * The content of the file that a person names counts as a fact. Its name comes from the environment or from within the
 * specification, which may not be there yet when this module loads: so the list is made when the engine asks for it.
 */
function namedContent(variable: string, spec: ValueInput<BinarySpec | undefined>): ReturnType<typeof files> {
  return {
    ...files(),
    get patterns() {
      const named = process.env[variable]
      if (named) return [named]
      const inSpec = v.safeParse(WithFile, spec.content())
      return inSpec.success ? [inSpec.output.file] : []
    },
  }
}
