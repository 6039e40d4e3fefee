import type { PublicKey as Key, Signature } from 'openpgp'

/** The only file that knows openpgp. It is loaded when there is a signature to check, which with a lock is never. */

/** One public key of those in a text. */
export interface PublicKey {
  /** Of the primary key: 40 upper case hex digits. */
  readonly fingerprint: string
  /** The key alone, armored. */
  readonly armored: string
}

/** What is wrong with a signature. */
export type Fault =
  | 'not a signature'
  | 'another key'
  | 'altered'
  | 'signature expired'
  | 'key expired'
  | 'key revoked'
  | 'not valid'

export type Verdict =
  | { readonly good: true }
  | { readonly good: false; readonly fault: Fault; readonly reason: string; readonly keyIds: readonly string[] }

/** The public keys in an armored text, none where it holds none. */
export async function publicKeysIn(text: string): Promise<readonly PublicKey[]> {
  const { readKeys } = await import('openpgp')
  try {
    const keys = await readKeys({ armoredKeys: text })
    return keys.map((key) => ({ fingerprint: key.getFingerprint().toUpperCase(), armored: key.toPublic().armor() }))
  } catch {
    return []
  }
}

export interface Signed {
  readonly content: Uint8Array
  /** Detached, binary or armored. */
  readonly signature: Uint8Array
  readonly key: PublicKey
  readonly now: Date
}

/**
 * Whether the key, or a signing subkey of it, made the signature over the content. The key must have been valid when it signed, the signature
 * must be valid now; a key that was revoked because it fell into other hands is refused whenever it signed.
 */
export async function checkSignature({ content, signature, key, now }: Signed): Promise<Verdict> {
  const { createMessage, readKey, verify } = await import('openpgp')
  const read = await readDetached(signature)
  const keyIds = read?.getSigningKeyIDs().map((id) => id.toHex().toUpperCase()) ?? []
  if (!read || keyIds.length === 0) {
    return { good: false, fault: 'not a signature', reason: 'no OpenPGP signature is in it', keyIds }
  }
  const verificationKeys: Key = await readKey({ armoredKey: key.armored })
  const message = await createMessage({ binary: content })
  const { signatures } = await verify({ message, signature: read, verificationKeys, format: 'binary', date: now })
  const reasons: string[] = []
  for (const { verified, keyID } of signatures) {
    // What others signed beside it says nothing.
    if (verificationKeys.getKeys(keyID).length === 0) continue
    const reason = await verified.then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (reason === undefined) return { good: true }
    reasons.push(reason)
  }
  const [reason = `it was made by ${keyIds.join(', ')}`] = reasons
  return { good: false, fault: reasons.length === 0 ? 'another key' : faultOf(reason), reason, keyIds }
}

async function readDetached(bytes: Uint8Array): Promise<Signature | undefined> {
  const { readSignature } = await import('openpgp')
  const text = Buffer.from(bytes).toString('latin1')
  try {
    if (text.trimStart().startsWith('-----BEGIN ')) return await readSignature({ armoredSignature: text })
    return await readSignature({ binarySignature: bytes })
  } catch {
    return undefined
  }
}

/** The library tells it in words alone. They decide what is said, never whether the signature holds. */
const words: readonly (readonly [RegExp, Fault])[] = [
  [/digest did not match|verification failed/i, 'altered'],
  [/key is revoked/i, 'key revoked'],
  [/key is expired/i, 'key expired'],
  [/signature is expired/i, 'signature expired'],
]

function faultOf(reason: string): Fault {
  return words.find(([pattern]) => pattern.test(reason))?.[1] ?? 'not valid'
}
