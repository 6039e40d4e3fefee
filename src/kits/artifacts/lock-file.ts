import { LakituError, type ValueInput, value } from 'lakitu'
import * as v from 'valibot'
import { fits } from './versions.ts'

/** Beside each other in the project's root, and both meant for version control. */
export const lockPath = 'lakitu.lock.json'
export const keyPath = 'lakitu.lock.asc'

const lockfileVersion = 1
/** Nothing that leads out of a site's folder. */
const path = v.pipe(
  v.string(),
  v.regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[\w.+~-]+(\/[\w.+~-]+)*$/, 'must be a path below the base of a site'),
)
const file = v.strictObject({
  path,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hexadecimal digits')),
  size: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
})
const product = v.strictObject({
  version: v.pipe(v.string(), v.nonEmpty()),
  sums: v.pipe(v.string(), v.nonEmpty()),
  files: v.record(v.string(), file),
})
const schema = v.strictObject({
  lockfileVersion: v.literal(lockfileVersion),
  products: v.record(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of a product')), product),
})

/** One file of a release: where it lies below the base of any site with its layout, its sum, and its bytes where they are known. */
export type LockedFile = Readonly<v.InferOutput<typeof file>>

/** What one version of a product is, and who said so. */
export interface LockedProduct {
  readonly version: string
  /** Where the sums come from: `signed by <fingerprint>`, or in words. */
  readonly sums: string
  /** By platform: `linux_amd64`. */
  readonly files: Readonly<Record<string, LockedFile>>
}

/** What `lakitu.lock.json` holds. */
export interface Lock {
  readonly products: Readonly<Record<string, LockedProduct>>
}

/**
 * The lock of a project, for `binary(…)`: `export const lock = lockFile(read('lakitu.lock.json'))` in a module that exports nothing but
 * values. Each task picks its product from it, so that another product's new version does not make it stale. What is wrong with it is
 * told by the tasks that use it.
 */
export function lockFile(text: string | undefined): ValueInput<Lock | undefined> {
  return value(() => (text === undefined ? undefined : parseLock(text)))
}

/** What the lock has of a product for the hosts of a platform. */
export interface Locked extends LockedFile {
  readonly version: string
  readonly sums: string
}

export function lockedFor(lock: Lock | undefined, product: string, platform: string): Locked | undefined {
  const found = lock?.products[product]
  const locked = found?.files[platform]
  return found && locked && { version: found.version, sums: found.sums, ...locked }
}

/** The locked version, where it is, or may stand for, what the cluster wants. */
export function lockedVersion(entry: LockedProduct | undefined, wanted: string): string | undefined {
  return entry !== undefined && fits(entry.version, wanted) ? entry.version : undefined
}

/** Errors: E_LOCK_CONFLICT, E_LOCK_FILE, E_LOCK_NEWER. */
export function parseLock(text: string): Lock {
  const conflict = text.split('\n').findIndex((line) => /^(<{7}|={7}|>{7})/.test(line))
  if (conflict !== -1) throw conflicting(conflict + 1)
  const content = parsed(text)
  if (isNewer(content)) throw newer(content.lockfileVersion)
  const checked = v.safeParse(schema, content)
  if (checked.success) return { products: checked.output.products }
  const [issue] = checked.issues
  throw damaged(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`, lineOf(text, issue))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const [, line] = /\(line (\d+) column \d+\)/.exec(said) ?? []
    throw damaged(said.replace(/ \(line.*/, ''), line === undefined ? text.split('\n').length : Number(line))
  }
}

function isNewer(content: unknown): content is { readonly lockfileVersion: number } {
  if (typeof content !== 'object' || content === null || !('lockfileVersion' in content)) return false
  return typeof content.lockfileVersion === 'number' && content.lockfileVersion > lockfileVersion
}

/** The line of the innermost name on the way to the fault, as the lock is written: each name once, in the order of the way. */
function lineOf(text: string, issue: v.BaseIssue<unknown>): number | undefined {
  const lines = text.split('\n')
  let at = -1
  for (const { key } of issue.path ?? []) {
    const next = lines.findIndex((line, i) => i >= Math.max(at, 0) && line.includes(`"${String(key)}"`))
    if (next === -1) break
    at = next
  }
  return at === -1 ? undefined : at + 1
}

/** Sorted, and one file of a release to a line, so that a new version is a small difference. Ends with a line end. */
export function lockText({ products }: Lock): string {
  const entries = sorted(products).map(([name, { version, sums, files }]) => {
    const lines = sorted(files).map(([platform, one]) => `        ${JSON.stringify(platform)}: ${fileText(one)}`)
    return [
      `    ${JSON.stringify(name)}: {`,
      `      "files": {`,
      lines.join(',\n'),
      '      },',
      `      "sums": ${JSON.stringify(sums)},`,
      `      "version": ${JSON.stringify(version)}`,
      '    }',
    ].join('\n')
  })
  const body = entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n  }`
  return `{\n  "lockfileVersion": ${lockfileVersion},\n  "products": ${body}\n}\n`
}

function fileText({ path: of, sha256, size }: LockedFile): string {
  const parts = { path: of, sha256, ...(size === undefined ? {} : { size }) }
  return `{ ${Object.entries(parts)
    .map(([key, part]) => `${JSON.stringify(key)}: ${JSON.stringify(part)}`)
    .join(', ')} }`
}

function sorted<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

const again = 'Take it back from version control, or remove it and write it anew:\nlakitu lock'

function conflicting(line: number): LakituError {
  return new LakituError({
    code: 'E_LOCK_CONFLICT',
    headline: `${lockPath} has marks of a merge that was not finished`,
    facts: { file: `${lockPath}:${line}` },
    next: 'Take either side whole, then bring it in line with the cluster:\nlakitu lock',
    family: 'usage',
  })
}

function damaged(why: string, line: number | undefined): LakituError {
  return new LakituError({
    code: 'E_LOCK_FILE',
    headline: `${lockPath} is not a lock: ${why}`,
    facts: { file: line === undefined ? lockPath : `${lockPath}:${line}` },
    next: again,
    family: 'usage',
  })
}

function newer(found: number): LakituError {
  return new LakituError({
    code: 'E_LOCK_NEWER',
    headline: `${lockPath} was written by a newer lakitu`,
    facts: { file: lockPath, lockfileVersion: `${found}`, known: `${lockfileVersion}` },
    next: 'Use that lakitu here, too.',
    family: 'usage',
  })
}
