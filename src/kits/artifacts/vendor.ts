import { type ErrorOptions, LakituError } from 'lakitu'
import { vendorSite } from './release.ts'
import { vendorFingerprint } from './trust.ts'

/** Who makes the releases, and by which key they are known. Given in parts: what is left out is HashiCorp's. */
export interface VendorOptions {
  /** Base address of the release site; default https://releases.hashicorp.com. */
  readonly site?: string | undefined
  /** Fingerprint of the key that signs the releases, 40 hex digits; default HashiCorp's. */
  readonly fingerprint?: string
}

/** JSON, as it is a fact of the tasks that use it. */
export interface Vendor {
  readonly site: string
  readonly fingerprint: string
  /** Where the key is published. */
  readonly keyUrl: string
}

/** Somewhere with the vendor's layout: the vendor's own site, or a mirror. */
export interface Site {
  /** How the outcome names it. */
  readonly name: string
  /** Base address, without a slash at its end. */
  readonly url: string
  /** Whose releases are there. */
  readonly vendor: Vendor
  /** The file with a mirror's own public key, as LAKITU_MIRROR_KEY names it. */
  readonly ownKey?: string | undefined
  readonly isMirror: boolean
}

export function vendorOf({ site = vendorSite, fingerprint = vendorFingerprint }: VendorOptions): Vendor {
  const pinned = fingerprint.replace(/\s/g, '').toUpperCase()
  if (!/^[0-9A-F]{40}$/.test(pinned)) {
    throw usage({
      code: 'E_FINGERPRINT',
      headline: `${JSON.stringify(fingerprint)} is no fingerprint of a key`,
      next: 'Give its 40 hexadecimal digits.',
    })
  }
  const url = trimmed(site)
  const keyUrl = url === vendorSite ? 'https://www.hashicorp.com/.well-known/pgp-key.txt' : `${url}/pgp-key.txt`
  return { site: url, fingerprint: pinned, keyUrl }
}

export function vendorSiteOf(vendor: Vendor): Site {
  return { name: hostOf(vendor.site), url: vendor.site, vendor, isMirror: false }
}

/** The mirror that LAKITU_MIRROR names. Error: E_MIRROR. */
export function mirrorOf(mirror: string, ownKey: string | undefined, vendor: Vendor): Site {
  if (!/^https?:\/\/./.test(mirror) || !URL.canParse(mirror)) {
    throw usage({
      code: 'E_MIRROR',
      headline: 'LAKITU_MIRROR is not an http or https address',
      facts: { LAKITU_MIRROR: shown(mirror) },
      next: 'Give the base address below which <product>/<version>/<product>_<version>_<os>_<arch>.zip lies.',
    })
  }
  return {
    name: `the mirror ${shown(mirror)}`,
    url: trimmed(mirror),
    vendor,
    ownKey: ownKey || undefined,
    isMirror: true,
  }
}

/** An address without a password that may be in it. */
export function shown(url: string): string {
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return trimmed(parsed.href)
}

function usage(options: ErrorOptions): LakituError {
  return new LakituError({ ...options, family: 'usage' })
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
