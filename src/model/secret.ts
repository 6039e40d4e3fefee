/** Where the text of a secret is. */
export type SecretSource = { readonly env: string } | { readonly file: string }

/** For people and as a key of facts: `variable TOKEN`, `file secrets/token`. */
export function sourceText(source: SecretSource): string {
  return 'env' in source ? `variable ${source.env}` : `file ${source.file}`
}

/** Stands for a secret and never shows its text, which only `ctx.secret(handle)` opens. */
export class Secret {
  readonly #name: string

  constructor(source: SecretSource) {
    this.#name = `[secret: ${sourceText(source)}]`
  }

  toString(): string {
    return this.#name
  }

  toJSON(): string {
    return this.#name
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#name
  }
}
