/** How the vendor lays out and names what it publishes. */
export interface Release {
  readonly product: string
  readonly version: string
  /** `<product>_<version>_<os>_<arch>.zip`; it holds the program under the product's name, and a licence. */
  readonly zip: string
  /** The list of all sums of this version. */
  readonly sums: string
  /** Below a site's base address. */
  readonly folder: string
}

/**
 * The release for the hosts. These are Linux guests of this machine's own architecture, on a Mac too. (A client for the
 * Mac itself would be another binary, under another name; nothing needs it yet. Hosts of another architecture than this
 * machine's, such as Raspberry Pis, will need it to be a part of the cluster's specification.)
 */
export function releaseOf(product: string, version: string, arch: string = process.arch): Release {
  const file = `${product}_${version}`
  return {
    product,
    version,
    zip: `${file}_linux_${vendorArch(arch)}.zip`,
    sums: `${file}_SHA256SUMS`,
    folder: `${product}/${version}`,
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

/** The sum of one file in a list with lines of `<64 hex digits>  <file>`. */
export function sumIn(list: string, file: string): string | undefined {
  for (const line of list.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? []
    if (name === file) return sum?.toLowerCase()
  }
  return undefined
}

/** The version that a product's first line tells (`Consul v1.8.7`), without what a packager added after a plus. */
export function versionIn(output: string, product: string): string | undefined {
  const [, name, version] = /^\s*(\S+) v(\d+\.\d+\.\d+(?:-[\w.-]+)?)/.exec(output) ?? []
  return name?.toLowerCase() === product ? version : undefined
}
