import { LakituError } from '../model/error.ts'
import type { Word } from '../model/task.ts'
import { sha256 } from '../util/digest.ts'

interface Declared {
  readonly depfile?: string
  readonly command?: readonly Word[]
}

/** The one depfile that `depfile:` and the words of the command name. Error: E_TWO_DEPFILES. */
export function depfileOf(task: string, { depfile, command = [] }: Declared, site: string): string | undefined {
  const words = command.filter((word) => typeof word === 'object' && word.kind === 'depfile-word')
  const named = words.flatMap(({ path }) => path ?? [])
  const [path, other] = new Set(depfile === undefined ? named : [depfile, ...named])
  if (path !== undefined && other !== undefined) throw twoDepfiles(task, [path, other], site)
  return path ?? (words.length > 0 ? ownPlace(task) : undefined)
}

/** Readable and, by the digest, another one for each name, also where a disk folds case or names are long. */
function ownPlace(task: string): string {
  const readable = task.replace(/[^\w.-]+/g, '-').slice(-80)
  return `.cache/lakitu/depfiles/${readable}-${sha256(task).slice(0, 8)}.d`
}

function twoDepfiles(task: string, [first, second]: readonly [string, string], site: string): LakituError {
  return new LakituError({
    code: 'E_TWO_DEPFILES',
    headline: `Task ${task} has two depfiles`,
    facts: { first, second, declared: site },
    next: 'Let the program write one.',
    family: 'usage',
  })
}
