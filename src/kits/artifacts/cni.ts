import type { Task } from 'lakitu'
import { type BinaryOptions, productTask } from './binary.ts'
import { productOf } from './products.ts'
import type { Binary, BinarySpec } from './program.ts'
import { vendorOf } from './vendor.ts'

export interface CniOptions<S> extends Pick<BinaryOptions<S>, 'spec' | 'lock' | 'mayBeLeftOut'> {
  /** Base address of the releases; default https://github.com. */
  readonly site?: string
}

/**
 * The task `cni-plugins`: makes the folder `.cache/bin/cni` with the CNI plugins for the hosts, which Nomad's bridge networks need. Sources in order:
 * a release .tgz (LAKITU_CNI, `file`), the cache of downloads, the mirror of LAKITU_MIRROR (below its base they lie as on GitHub:
 * `containernetworking/plugins/releases/download/v<version>/cni-plugins-linux-<arch>-v<version>.tgz`), GitHub, the distribution's package. Nobody signs
 * them: without a sum, of the lock or of the specification, no site is asked. The version is an exact one. Fails as `binary` does.
 */
export function cniPlugins<S extends BinarySpec | undefined>(
  options: CniOptions<S> & { readonly mayBeLeftOut: true },
): Task<Binary | undefined>
export function cniPlugins(options: CniOptions<BinarySpec>): Task<Binary>
export function cniPlugins({ site, ...options }: CniOptions<BinarySpec | undefined>): Task<Binary | undefined> {
  const cni = productOf('cni')
  const vendor = vendorOf({ site: site ?? cni.site })
  return productTask('cni-plugins', 'The CNI plugins for the hosts', { ...options, product: cni, vendor })
}
