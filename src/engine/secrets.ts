import { isUtf8 } from 'node:buffer'
import { LakituError } from '../model/error.ts'
import { Secret, type SecretSource, sourceText } from '../model/secret.ts'
import type { Disk } from '../ports/disk.ts'
import { makeKey, readKey } from '../state/key.ts'
import { hmacSha256 } from '../util/digest.ts'
import { maskText } from '../util/mask.ts'
import { onDisk, treePath } from '../util/paths.ts'

/** Shorter texts stand in every other line: masked, they would be found by what is missing. */
const shortest = 4
/** A line of a secret that is refused by itself; shorter ones (`{`, `type: key`) stand elsewhere by chance. */
const tellingLine = 16

export interface SecretPlace {
  readonly disk: Disk
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Absolute: the project's root, and the folder of the key. */
  readonly root: string
  readonly durable: string
}

/** The secrets of a project: reads them, opens handles, and keeps their texts out of everything else. */
export class Secrets {
  private readonly opened = new WeakMap<Secret, () => string>()
  /** What is masked, and what is refused: text → whose it is. */
  private readonly masked = new Set<string>()
  private readonly refused = new Map<string, string>()
  private readonly place: SecretPlace

  constructor(place: SecretPlace) {
    this.place = place
  }

  /** For facts. `mayMakeKey` under the lock; without a key the fact is one that no record has. Errors: E_SECRET_MISSING, E_SECRET_UNFIT. */
  take(source: SecretSource, mayMakeKey: boolean): { readonly handle: Secret; readonly fact: string } {
    const { disk, durable } = this.place
    const text = this.read(source)
    const key = readKey(disk, durable) ?? (mayMakeKey ? makeKey(disk, durable) : undefined)
    return { handle: this.handleFor(source, () => text), fact: key ? `hmac ${hmacSha256(key, text)}` : 'no key yet' }
  }

  /** Of what was recorded: read when it is opened. */
  later(source: SecretSource): Secret {
    return this.handleFor(source, () => this.read(source))
  }

  /** `ctx.secret`. Error: E_NOT_A_SECRET. */
  open(handle: Secret): string {
    const text = this.opened.get(handle)
    if (text) return text()
    throw new LakituError({
      code: 'E_NOT_A_SECRET',
      headline: 'ctx.secret opens what ctx.inputs hands over for an input secret(…), and nothing else',
      next: 'Declare it: inputs: { token: secret(…) }, then ctx.secret(ctx.inputs.token).',
      family: 'usage',
    })
  }

  /** Makes known what these hide, as far as it is there, so that it is masked whoever prints it. */
  learn(sources: Iterable<SecretSource>): void {
    for (const source of sources) {
      try {
        this.read(source)
      } catch {
        // The task that needs it says so.
      }
    }
  }

  /** Whether there are any so far. */
  get areKnown(): boolean {
    return this.masked.size > 0
  }

  /** One line, or several. */
  mask(text: string): string {
    return this.masked.size === 0 ? text : maskText(text, this.masked)
  }

  /** Whose text stands in this one. */
  within(text: string): string | undefined {
    for (const [hidden, name] of this.refused) if (text.includes(hidden)) return name
    return undefined
  }

  /** Whose text this is, whole. */
  exactly(text: string): string | undefined {
    return this.refused.get(text)
  }

  private handleFor(source: SecretSource, text: () => string): Secret {
    const handle = new Secret(source)
    this.opened.set(handle, text)
    return handle
  }

  private read(source: SecretSource): string {
    const text = 'env' in source ? this.place.environment[source.env] : this.readFile(source)
    if (text === undefined || text === '') throw missing(source)
    if (text.trim().length < shortest)
      throw unfit(source, `has fewer than ${shortest} characters, so it cannot be masked`)
    this.hide(text, sourceText(source))
    return text
  }

  private readFile(source: { readonly file: string }): string | undefined {
    const { disk, root } = this.place
    const bytes = disk.read(onDisk(root, treePath(root, source.file)))
    if (bytes && !isUtf8(bytes)) throw unfit(source, 'is no text')
    return bytes?.toString().replace(/\r?\n$/, '')
  }

  private hide(text: string, name: string): void {
    const lines = text.split(/\r?\n/).map((line) => line.trim())
    // As it stands in JSON, too: programs print that, and logs are searched as text.
    for (const part of [text, text.trim(), ...lines].flatMap((each) => [each, JSON.stringify(each).slice(1, -1)])) {
      if (part.length >= shortest) this.masked.add(part)
    }
    for (const part of [text.trim(), ...lines.filter((line) => line.length >= tellingLine)])
      this.refused.set(part, name)
  }
}

function missing(source: SecretSource): LakituError {
  const isVariable = 'env' in source
  return new LakituError({
    code: 'E_SECRET_MISSING',
    headline: isVariable
      ? `The secret in the variable ${source.env} is not set`
      : `The secret in the file ${source.file} is not there, or empty`,
    next: isVariable
      ? `Set ${source.env} in the environment of lakitu, then run the same command again.`
      : `Write the secret into ${source.file}, then run the same command again.`,
    family: 'world',
  })
}

function unfit(source: SecretSource, why: string): LakituError {
  return new LakituError({
    code: 'E_SECRET_UNFIT',
    headline: `The secret in the ${sourceText(source)} ${why}`,
    next: 'Use a longer one; what everybody may see is env(…), value(…) or files(…).',
    family: 'world',
  })
}
