/** How a version of a product is laid out and named. */
export interface Release {
  readonly product: string
  readonly version: string
  /** The signed list of all sums of this version; without it each file has its sum beside it (`<file>.sha256`), which nobody signs. */
  readonly sums?: string
  /** Below a site's base address. */
  readonly folder: string
  /** What a lock holds. */
  readonly platforms: readonly string[]
  /** The name of the archive for a platform. */
  file(platform: string): string
}

export const vendorSite = 'https://releases.hashicorp.com'

/** Hosts are Linux, and a Mac's own clients may be wanted one day. */
const platforms = ['darwin_amd64', 'darwin_arm64', 'linux_amd64', 'linux_arm64'] as const

/**
 * The platform of the hosts. These are Linux guests of this machine's own architecture, on a Mac too. (A client for the
 * Mac itself would be another binary, under another name; nothing needs it yet. Hosts of another architecture than this
 * machine's, such as Raspberry Pis, will need it to be a part of the cluster's specification.)
 */
export function hostPlatform(arch: string = process.arch): string {
  return `linux_${vendorArch(arch)}`
}

/** The zip holds the program under the product's name, and a licence. */
export function vendorRelease(product: string, version: string): Release {
  const file = `${product}_${version}`
  return {
    product,
    version,
    sums: `${file}_SHA256SUMS`,
    folder: `${product}/${version}`,
    platforms,
    file: (platform) => `${file}_${platform}.zip`,
  }
}

/** The CNI plugins are made for Linux alone. Below the base of a mirror they lie as on GitHub. */
export function cniRelease(version: string): Release {
  return {
    product: 'cni',
    version,
    folder: `containernetworking/plugins/releases/download/v${version}`,
    platforms: ['linux_amd64', 'linux_arm64'],
    file: (platform) => `cni-plugins-${platform.replace('_', '-')}-v${version}.tgz`,
  }
}

function vendorArch(arch: string): string {
  switch (arch) {
    case 'x64':
      return 'amd64'
    case 'ia32':
      return '386'
    default:
      return arch
  }
}
