import {
  createMessage,
  generateKey,
  type PrivateKey,
  readPrivateKey,
  readSignature,
  reformatKey,
  revokeKey,
  sign,
} from 'openpgp'
import type { Mirror, ReleaseOptions } from './mirror.ts'

/** A key made for a test: a primary key and a subkey that signs, as the vendor's are. */
export interface SigningKey {
  /** 40 upper case hex digits. */
  readonly fingerprint: string
  /** The public key, armored. */
  readonly armored: string
  /** A detached binary signature. */
  sign(content: string | Uint8Array, date?: Date): Promise<Uint8Array>
  /** The same public key with another life, in seconds, as its owner can give it at any time. */
  living(seconds: number, date: Date): Promise<string>
  /** The same public key, revoked by its owner: 'compromised' counts for all that it ever signed, 'retired' from then on. */
  revoked(how: 'compromised' | 'retired', date?: Date): Promise<string>
}

export interface KeyOptions {
  readonly created?: Date
  /** How long it lives, in seconds; default for ever. */
  readonly lives?: number
}

const user = { name: 'A mirror of a test', email: 'mirror@example.com' }

export async function newKey({ created, lives }: KeyOptions = {}): Promise<SigningKey> {
  const made = await generateKey({
    type: 'curve25519',
    userIDs: [user],
    subkeys: [{ sign: true }],
    format: 'object',
    ...(created ? { date: created } : {}),
    ...(lives === undefined ? {} : { keyExpirationTime: lives }),
  })
  const { privateKey, publicKey } = made
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    armored: publicKey.armor(),
    sign: (content, date) => detached(privateKey, content, date),
    living: async (seconds, date) => {
      const again = await reformatKey({
        privateKey: await readPrivateKey({ armoredKey: privateKey.armor() }),
        userIDs: [user],
        keyExpirationTime: seconds,
        date,
        format: 'armored',
      })
      return again.publicKey
    },
    revoked: async (how, date) => {
      const flag = how === 'compromised' ? 2 : 3
      const { publicKey: armored } = await revokeKey({
        key: await readPrivateKey({ armoredKey: privateKey.armor() }),
        reasonForRevocation: { flag, string: how },
        format: 'armored',
        ...(date ? { date } : {}),
      })
      return armored
    },
  }
}

async function detached(key: PrivateKey, content: string | Uint8Array, date?: Date): Promise<Uint8Array> {
  const binary = typeof content === 'string' ? Buffer.from(content) : content
  const signature = await sign({
    message: await createMessage({ binary }),
    signingKeys: key,
    detached: true,
    format: 'binary',
    ...(date ? { date } : {}),
  })
  if (!(signature instanceof Uint8Array)) throw new TypeError('a signature of bytes was asked for')
  return signature
}

/** Armors a binary signature. */
export async function armored(signature: Uint8Array): Promise<string> {
  return (await readSignature({ binarySignature: signature })).armor()
}

const versions = new WeakMap<Mirror, Map<string, string[]>>()

export interface PublishOptions extends ReleaseOptions {
  readonly key: SigningKey
  /** What is signed instead of the list of sums. */
  readonly signed?: string
}

/** Publishes a release as the vendor does: zip, sums and their signature, the key, and the index of versions. */
export async function publish(
  mirror: Mirror,
  [product, version]: readonly [product: string, version: string],
  { key, signed, ...options }: PublishOptions,
): Promise<ReturnType<Mirror['release']>> {
  const release = mirror.release(product, version, options)
  mirror.put(`${release.sums}.sig`, await key.sign(signed ?? release.list))
  mirror.put('/pgp-key.txt', key.armored)
  const ofMirror = versions.get(mirror) ?? new Map<string, string[]>()
  versions.set(mirror, ofMirror)
  const all = [...(ofMirror.get(product) ?? []), version]
  ofMirror.set(product, all)
  index(mirror, product, all)
  return release
}

/** The vendor's index of a product; of the builds only what somebody might read. */
export function index(mirror: Mirror, product: string, all: readonly string[]): void {
  const entries = all.map((version) => [version, { name: product, version, builds: [] }] as const)
  mirror.put(`/${product}/index.json`, JSON.stringify({ name: product, versions: Object.fromEntries(entries) }))
}
