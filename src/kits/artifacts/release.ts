/** How the vendor lays out and names what it publishes. */
export interface Release {
  readonly product: string
  readonly version: string
  /** The list of all sums of this version. */
  readonly sums: string
  /** Below a site's base address. */
  readonly folder: string
  /** The name of the zip for a platform; it holds the program under the product's name, and a licence. */
  zip(platform: string): string
}

export const vendorSite = 'https://releases.hashicorp.com'

/** What a lock holds: hosts are Linux, and a Mac's own clients may be wanted one day. */
export const platforms = ['darwin_amd64', 'darwin_arm64', 'linux_amd64', 'linux_arm64'] as const

/**
 * The platform of the hosts. These are Linux guests of this machine's own architecture, on a Mac too. (A client for the
 * Mac itself would be another binary, under another name; nothing needs it yet. Hosts of another architecture than this
 * machine's, such as Raspberry Pis, will need it to be a part of the cluster's specification.)
 */
export function hostPlatform(arch: string = process.arch): string {
  return `linux_${vendorArch(arch)}`
}

export function releaseOf(product: string, version: string): Release {
  const file = `${product}_${version}`
  return {
    product,
    version,
    sums: `${file}_SHA256SUMS`,
    folder: `${product}/${version}`,
    zip: (platform) => `${file}_${platform}.zip`,
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

/** The version that a product's first line tells (`Consul v1.8.7`), without what a packager added after a plus. */
export function versionIn(output: string, product: string): string | undefined {
  const [, name, version] = /^\s*(\S+) v(\d+\.\d+\.\d+(?:-[\w.-]+)?)/.exec(output) ?? []
  return name?.toLowerCase() === product ? version : undefined
}
