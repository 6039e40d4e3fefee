import type { SecretInput } from '../model/input.ts'
import type { SecretSource } from '../model/secret.ts'

/**
 * A text that must not be seen, from a variable of lakitu's own environment, `secret({ env: 'TOKEN' })`, or from a file,
 * `secret({ file: '.lakitu/token' })`: relative to the project's root or absolute, UTF-8, without the line break at its end.
 *
 * `ctx.inputs` hands over a `Secret`, which only `ctx.secret(handle)` opens. Its text counts as a keyed hash (HMAC-SHA256), is refused
 * in the argv of a program, in values, answers of probes and notes, and is `***` in all that lakitu shows or logs; of several lines, each
 * from 4 characters on. What is shorter than 4 characters cannot be masked, so it is no secret. What a task itself writes into files is its own business.
 *
 * Errors when a task reads it: E_SECRET_MISSING (not set, no such file, or empty), E_SECRET_UNFIT (too short, no text), both exit 3.
 */
export function secret(from: SecretSource): SecretInput {
  return { kind: 'secret', from }
}
