import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Context, LakituError } from 'lakitu'
import { keyPath } from './lock-file.ts'
import type { PublicKey } from './openpgp.ts'
import type { Release } from './release.ts'
import { keysOf, keyWith, signerOf, spaced } from './trust.ts'
import { type Site, shown } from './vendor.ts'

/** What sums are fetched and checked with: of a task's run, or of a command. */
export interface Fetching extends Pick<Context, 'root' | 'fetch' | 'warn'> {
  /** The text of a file, relative to the root or absolute; undefined where nothing is. */
  read(path: string): string | undefined
  /** Asks for the vendor's key also where it is kept beside the lock: it may have been prolonged. */
  readonly freshKey?: boolean
}

/** A release whose sums are signed. */
export type SignedRelease = Release & { readonly sums: string }

export function isSigned(release: Release): release is SignedRelease {
  return release.sums !== undefined
}

/** A list of sums whose signature holds. */
export interface SignedSums {
  readonly list: string
  /** Its address, for messages. */
  readonly from: string
  readonly signer: PublicKey
  /** As the lock says it. */
  readonly said: string
}

/**
 * The sums of a release from a site, their signature checked. Errors: those of the network where the list cannot be had, E_NO_SIGNATURE,
 * E_NO_KEY, those of `signerOf`, `keyWith` and `keysOf`.
 */
export async function signedSums(tools: Fetching, site: Site, { folder, sums }: SignedRelease): Promise<SignedSums> {
  const url = `${site.url}/${folder}/${sums}`
  const list = await bytesOf(tools, url)
  const signed = { of: shown(url), list, signature: await signatureOf(tools, site, url) }
  const own = await ownKeys(tools, site)
  const byMirror = own.length === 0 ? undefined : await signerOf(signed, own).catch(unlessAnother)
  if (byMirror) {
    const fingerprint = spaced(byMirror.fingerprint)
    tools.warn(`${site.name} signs with a key of its own, which LAKITU_MIRROR_KEY trusts: ${fingerprint}`)
  }
  const signer = byMirror ?? (await signerOf(signed, [await vendorKey(tools, site)]))
  const whose = byMirror ? ", the mirror's own key" : ''
  const text = Buffer.from(list).toString('utf8')
  return { list: text, from: signed.of, signer, said: `signed by ${signer.fingerprint}${whose}` }
}

function unlessAnother(error: unknown): undefined {
  if (error instanceof LakituError && error.code === 'E_SIGNED_BY_ANOTHER') return undefined
  throw error
}

/**
 * The vendor publishes one signature by its current key, and one for each key with that key's id in its name. A mirror that signs
 * for itself puts its own under the plain name.
 */
async function signatureOf(tools: Fetching, { vendor, ownKey }: Site, url: string): Promise<Uint8Array> {
  const plain = `${url}.sig`
  const named = `${url}.${vendor.fingerprint.slice(-8)}.sig`
  const asked = ownKey === undefined ? [named, plain] : [plain, named]
  for (const address of asked) {
    try {
      return await bytesOf(tools, address)
    } catch (error) {
      if (!isNotThere(error)) throw error
    }
  }
  throw new LakituError({
    code: 'E_NO_SIGNATURE',
    headline: 'The list of sums has no signature',
    facts: { list: shown(url), asked: asked.map(shown).join(', ') },
    next: 'Mirror the .sig file, too; or lock the version where the vendor can be reached (lakitu lock), or give `sha256` beside it in the cluster.',
  })
}

/** The vendor's key: what is kept beside the lock, or from where it is published, always by its fingerprint. */
export async function vendorKey(tools: Fetching, { url, vendor, isMirror }: Site): Promise<PublicKey> {
  const kept = tools.read(keyPath)
  const fromKept = async () => (kept === undefined ? undefined : keyWith(vendor.fingerprint, kept, keyPath))
  const found = tools.freshKey ? undefined : await fromKept()
  if (found) return found
  const misses: Record<string, string> = {}
  for (const address of [...(isMirror ? [`${url}/pgp-key.txt`] : []), vendor.keyUrl]) {
    try {
      const text = Buffer.from(await bytesOf(tools, address)).toString('utf8')
      return await keyWith(vendor.fingerprint, text, shown(address))
    } catch (error) {
      if (!isAbsence(error)) throw error
      misses[shown(address)] = reasonOf(error)
    }
  }
  return (await fromKept()) ?? noKey(misses)
}

function noKey(misses: Readonly<Record<string, string>>): never {
  throw new LakituError({
    code: 'E_NO_KEY',
    headline: "The vendor's public key cannot be had, so no signature can be checked",
    facts: misses,
    next: `Put the key beside the lock as ${keyPath}, or give \`sha256\` beside the version in the cluster.`,
    family: 'world',
  })
}

async function ownKeys(tools: Fetching, { ownKey }: Site): Promise<readonly PublicKey[]> {
  if (ownKey === undefined) return []
  const text = tools.read(ownKey)
  if (text !== undefined) return keysOf(text, ownKey)
  throw new LakituError({
    code: 'E_MIRROR_KEY',
    headline: 'The file that LAKITU_MIRROR_KEY names is not there',
    facts: { file: ownKey },
    next: "Name a file with the mirror's armored public key, or take LAKITU_MIRROR_KEY away.",
    family: 'usage',
  })
}

/** Lists, signatures and keys are small. */
const mostBytes = 4 << 20

/** A small file as it is: a signature is no text. */
export async function bytesOf(tools: Fetching, url: string, maxSize = mostBytes): Promise<Uint8Array> {
  const { path } = await tools.fetch(url, { maxSize })
  return readFile(resolve(tools.root, path))
}

const absences = new Set(['E_UNREACHABLE', 'E_HTTP_STATUS', 'E_OFFLINE'])

/** A site that is not there, or has not got it, is no reason to stop asking others; everything else is. */
export function isAbsence(error: unknown): error is LakituError {
  return error instanceof LakituError && absences.has(error.code)
}

/** The site answers, and does not have it. */
export function isNotThere(error: unknown): boolean {
  return isAbsence(error) && /^4(0[34]|10)\b/.test(error.facts['status'] ?? '')
}

export function reasonOf({ code, message, facts }: LakituError): string {
  const { status, reason = message, file, folder = file } = facts
  if (code === 'E_OFFLINE') return `not in the cache of downloads${folder === undefined ? '' : ` as ${folder}`}`
  return code === 'E_HTTP_STATUS' ? `answered ${status ?? message}` : `cannot be reached: ${reason}`
}
