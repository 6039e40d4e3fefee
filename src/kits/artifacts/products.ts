import { cniRelease, type Release, vendorRelease } from './release.ts'

/** A product as data: where its releases lie and how they are proved, what of them is wanted, and who knows the version. */
export interface Product {
  readonly name: string
  /** Base address of its releases; without it those of the vendor. */
  readonly site?: string
  /** Of the list of versions, below the base of a site; undefined where there is none that a machine should read. */
  readonly index?: string
  /** What its task makes, relative to the root; fixed, because outputs are declared before anybody knows the version. */
  readonly output: string
  /** The member of the archive that is the program; without it all of the archive is wanted. */
  readonly member?: string
  /** How a person names what holds it. */
  readonly archive: string
  /** What says the version: a program, relative to the root, and how it is asked. */
  readonly asked: { readonly program: string; readonly args: readonly string[] }
  release(version: string): Release
  /** The version in what the asked program said; `unknown` where it is the right one and does not know; undefined where it is another. */
  versionIn(output: string): string | undefined
}

export const unknown = 'unknown'

/** By its name: CNI plugins, or else a program of the vendor's. */
export function productOf(name: string): Product {
  return name === cni.name ? cni : programOf(name)
}

function programOf(name: string): Product {
  const output = `.cache/bin/${name}/${name}`
  return {
    name,
    index: `${name}/index.json`,
    output,
    member: name,
    archive: `${name} program or release zip`,
    asked: { program: output, args: ['version'] },
    release: (version) => vendorRelease(name, version),
    versionIn: (said) => versionIn(said, name),
  }
}

const cni: Product = {
  name: 'cni',
  site: 'https://github.com',
  output: '.cache/bin/cni',
  archive: 'release .tgz of the CNI plugins',
  // Without a command in its environment a plugin says what it is.
  asked: { program: '.cache/bin/cni/bridge', args: [] },
  release: cniRelease,
  versionIn: (said) => /^CNI bridge plugin (?:version )?v?(unknown|\d+\.\d+\.\d+(?:-[\w.]+)?)/m.exec(said)?.[1],
}

/** The version that a product's first line tells (`Consul v1.8.7`), without what a packager added after a plus. */
export function versionIn(output: string, product: string): string | undefined {
  const [, name, version] = /^\s*(\S+) v(\d+\.\d+\.\d+(?:-[\w.-]+)?)/.exec(output) ?? []
  return name?.toLowerCase() === product ? version : undefined
}
