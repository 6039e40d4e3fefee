import { chmod, constants, copyFile, mkdir, open, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LakituError } from 'lakitu'
import { productOf } from './products.ts'
import { archiveFound, fileSum, type Served, type Tools, wrongSum } from './source.ts'

/** A file that a person named: the archive of a release, or the program itself. */
export interface Named {
  /** Absolute, or relative to the root. */
  readonly file: string
  /** Who named it: `LAKITU_NOMAD`, or the specification. */
  readonly by: string
  readonly sha256?: string | undefined
}

/** Takes the named file, and nothing else: when it is wrong, that is what the person must hear. */
export async function fromNamed(tools: Tools, product: string, { file, by, sha256 }: Named): Promise<Served> {
  const path = resolve(tools.root, file)
  const there = await stat(path).catch(() => undefined)
  if (!there?.isFile()) throw notAFile(path, by, { product, isAbsent: there === undefined })
  if (sha256 !== undefined) {
    const actual = await fileSum(path)
    if (actual !== sha256) throw wrongSum(path, sha256, actual, 'Name the right file, or correct `sha256` beside it.')
  }
  const { output, member } = productOf(product)
  const source = `the file ${path} (${by})`
  if (member === undefined || (await beginsWithPk(path))) return archiveFound(tools, product, { archive: path, source })
  return { kind: 'found', source, place: () => copyProgram(path, join(tools.root, output)) }
}

async function copyProgram(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to, constants.COPYFILE_FICLONE)
  await chmod(to, 0o755)
}

async function beginsWithPk(path: string): Promise<boolean> {
  await using file = await open(path, 'r')
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return buffer.toString('latin1') === 'PK'
}

function notAFile(
  path: string,
  by: string,
  { product, isAbsent }: { readonly product: string; readonly isAbsent: boolean },
): LakituError {
  return new LakituError({
    code: 'E_NAMED_FILE',
    headline: isAbsent ? `The file that ${by} names is not there` : `What ${by} names is not a file`,
    facts: { file: path },
    next: `Name a ${productOf(product).archive}, or take ${by} away to use the other sources.`,
    family: 'usage',
  })
}
