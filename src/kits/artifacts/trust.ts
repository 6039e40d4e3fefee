import { LakituError } from 'lakitu'
import { checkSignature, type Fault, type PublicKey, publicKeysIn } from './openpgp.ts'

/** Of the key that signs the vendor's releases: the one thing that is believed without being checked. */
export const vendorFingerprint = 'C874011F0AB405110D02105534365D9472D7468F'

export interface SignedList {
  /** Address of the list of sums. */
  readonly of: string
  readonly list: Uint8Array
  readonly signature: Uint8Array
  /** Default: now. */
  readonly now?: Date
}

/**
 * The first of the keys that made the signature. Errors, one for each thing that can be wrong: E_NOT_A_SIGNATURE, E_SIGNED_BY_ANOTHER,
 * E_SIGNATURE_WRONG, E_SIGNATURE_EXPIRED, E_KEY_EXPIRED, E_KEY_REVOKED, E_SIGNATURE_INVALID.
 */
export async function signerOf(
  { of, list, signature, now = new Date() }: SignedList,
  keys: readonly PublicKey[],
): Promise<PublicKey> {
  let worst: LakituError | undefined
  for (const key of keys) {
    const verdict = await checkSignature({ content: list, signature, key, now })
    if (verdict.good) return key
    const { fault, reason, keyIds } = verdict
    const facts = { list: of, signer: keyIds.join(', ') || undefined, key: spaced(key.fingerprint), reason }
    // That a key has nothing to do with it says less than what is wrong with what another one signed.
    if (worst === undefined || fault !== 'another key') worst = refused(fault, facts)
  }
  throw worst ?? refused('another key', { list: of, reason: 'there is no key to check it with' })
}

/** The key with the fingerprint in an armored text. Errors: E_NOT_A_KEY, E_WRONG_KEY. */
export async function keyWith(fingerprint: string, text: string, from: string): Promise<PublicKey> {
  const keys = await keysOf(text, from)
  const key = keys.find((one) => one.fingerprint === fingerprint)
  if (key) return key
  throw new LakituError({
    code: 'E_WRONG_KEY',
    headline: `${from} is not the key that is pinned`,
    facts: { pinned: spaced(fingerprint), found: keys.map((one) => spaced(one.fingerprint)).join(', ') },
    next: "Do not use it. Whoever serves it is not the vendor, or the vendor has a new key: then a newer lakitu knows it. A mirror's own key is named by LAKITU_MIRROR_KEY.",
  })
}

/** All keys in an armored text. Error: E_NOT_A_KEY. */
export async function keysOf(text: string, from: string): Promise<readonly PublicKey[]> {
  const keys = await publicKeysIn(text)
  if (keys.length > 0) return keys
  throw new LakituError({
    code: 'E_NOT_A_KEY',
    headline: `${from} holds no OpenPGP key`,
    facts: { begins: text.slice(0, 60).split('\n')[0] },
    next: 'It must be an armored public key: -----BEGIN PGP PUBLIC KEY BLOCK-----',
  })
}

/** In groups of four digits, as people compare it. */
export function spaced(fingerprint: string): string {
  return fingerprint.replace(/(.{4})(?!$)/g, '$1 ')
}

const otherSource = 'Name a program or a mirror that you trust, or give `sha256` beside the version in the cluster.'

const refusals: Readonly<Record<Fault, readonly [code: string, headline: string, next: string]>> = {
  'not a signature': [
    'E_NOT_A_SIGNATURE',
    'What stands in the place of the signature is none',
    `A proxy may have answered with a page of its own. ${otherSource}`,
  ],
  'another key': [
    'E_SIGNED_BY_ANOTHER',
    'The list of sums is signed by a key that is not trusted',
    `For a mirror that signs with a key of its own:  export LAKITU_MIRROR_KEY=<its public key>. ${otherSource}`,
  ],
  altered: [
    'E_SIGNATURE_WRONG',
    'The list of sums is not what was signed: it was altered',
    `Nothing of this source is to be believed. ${otherSource}`,
  ],
  'signature expired': ['E_SIGNATURE_EXPIRED', 'The signature of the list of sums has expired', otherSource],
  'key expired': [
    'E_KEY_EXPIRED',
    'The list of sums was signed after its key had expired',
    'The vendor may have prolonged the key: remove lakitu.lock.asc, then lakitu lock fetches it again.',
  ],
  'key revoked': ['E_KEY_REVOKED', 'The list of sums is signed by a key that was revoked', otherSource],
  'not valid': ['E_SIGNATURE_INVALID', 'The signature of the list of sums does not hold', otherSource],
}

function refused(fault: Fault, facts: Readonly<Record<string, string | undefined>>): LakituError {
  const [code, headline, next] = refusals[fault]
  return new LakituError({ code, headline, facts, next })
}
