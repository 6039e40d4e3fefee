import { createHash, createHmac, hash } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** SHA-256 as 64 lower-case hex digits. */
export type Sha256 = string & { readonly __brand: 'Sha256' }

export function sha256(data: string | Uint8Array): Sha256 {
  return hash('sha256', data, 'hex') as Sha256
}

/** The digest of a value's canonical JSON. */
export function sha256Json(value: unknown): Sha256 {
  return sha256(canonicalJson(value))
}

/** A digest that is fed piece by piece. */
export function sha256Stream(): { update(data: string | Uint8Array): void; digest(): Sha256 } {
  const hasher = createHash('sha256')
  return {
    update: (data) => void hasher.update(data),
    digest: () => hasher.digest('hex') as Sha256,
  }
}

/** Reads a digest out of text; undefined where it is none. */
export function parseSha256(text: string): Sha256 | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? (text.toLowerCase() as Sha256) : undefined
}

/** HMAC-SHA256: tells whether a text is the same, and nothing to whoever has no key. */
export function hmacSha256(key: Uint8Array, text: string): Sha256 {
  return createHmac('sha256', key).update(text).digest('hex') as Sha256
}
