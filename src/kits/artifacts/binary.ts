import { env, files, type Task, task, type ValueInput, value } from 'lakitu'
import * as v from 'valibot'
import { obtain, outputOf } from './obtain.ts'
import type { Binary, BinarySpec } from './program.ts'

export interface BinaryOptions<S> {
  readonly spec: ValueInput<S>
  /** Base address of the vendor's release site; default https://releases.hashicorp.com. */
  readonly site?: string
  /** Whether a specification with `ifUnavailable: 'leave out'` is heeded; the value is then `Binary | undefined`. */
  readonly mayBeLeftOut?: boolean
}

const vendorSite = 'https://releases.hashicorp.com'

/**
 * The task `<product>-bin`: makes `.cache/bin/<product>/<product>` for the hosts (Linux, this machine's architecture).
 * Sources in order: a file (LAKITU_<PRODUCT>, `file`), what an earlier run kept in .cache/downloads, the mirror of
 * LAKITU_MIRROR, the vendor's site, the distribution's package. Fails with E_UNAVAILABLE (exit 3), which tells of each
 * why not; with E_WRONG_SUM and with E_NAMED_FILE, for which no other source is asked.
 */
export function binary<S extends BinarySpec | undefined>(
  product: string,
  options: BinaryOptions<S> & { readonly mayBeLeftOut: true },
): Task<Binary | undefined>
export function binary(product: string, options: BinaryOptions<BinarySpec>): Task<Binary>
export function binary(
  product: string,
  { spec, site = vendorSite, mayBeLeftOut = false }: BinaryOptions<BinarySpec | undefined>,
): Task<Binary | undefined> {
  const variable = `LAKITU_${product.replaceAll('-', '_').toUpperCase()}`
  return task(`${product}-bin`, {
    about: `The ${product} program for the hosts`,
    inputs: {
      wanted: value({ product, variable, site, mayBeLeftOut }),
      spec,
      file: env(variable),
      mirror: env('LAKITU_MIRROR'),
      content: namedContent(variable, spec),
    },
    outputs: [outputOf(product)],
    mayBeLeftOut,
    run: (ctx) => obtain(ctx, { ...ctx.inputs, ...ctx.inputs.wanted }),
  })
}

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
