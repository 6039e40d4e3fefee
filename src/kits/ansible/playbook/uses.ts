import { isTemplated, lookedUp, takenIn, wordsIn } from './jinja.ts'
import { inRole } from './places.ts'
import type { Reader } from './reader.ts'
import type { FoundRole } from './role.ts'
import { type NarrowTags, type Tags, union } from './tags.ts'
import type { FoundTask } from './tasks.ts'
import { textsIn } from './tree.ts'
import type { Variables } from './variables.ts'

/** Where a name in a task cannot be that of a file of the role. */
const elsewhere = new Set(
  `backup comment dest excludes force group label mode name notify owner path paths patterns register state tags validate
  when`.split(/\s+/),
)

/** `with_` and any lookup but those of plain lists: which files it may read, it knows. */
const looksUpFiles =
  /^with_(?!(items|list|dict|nested|together|subelements|sequence|indexed_items|flattened|cartesian|random_choice)$)/

/** A name that a task, or a template, may use a file by. `text` undefined: it is made at run time, and ends on `end`. */
interface Name {
  readonly text?: string
  readonly end?: string
  /** Which folder it can mean. */
  readonly parts: readonly ('templates' | 'files')[]
}

const both = ['templates', 'files'] as const

/** The tags of every file in the role's templates/ and files/, by path; such as no tag is known of are not there. */
export function tagsOfFiles(role: FoundRole, reader: Reader, vars: Variables, narrow: NarrowTags) {
  const candidates = role.files.filter((path) => /^(templates|files)$/.test(inRole(path)?.part ?? ''))
  const users = role.tasks.map((task) => ({ tags: narrow.of(task), names: namesIn(task, vars) }))
  const found = new Map<string, Tags>()
  const values = lookedUpByVariables(vars)
  for (const path of candidates) {
    if (values.some((name) => means(name, path))) found.set(path, 'all')
    for (const { tags, names } of users) {
      for (const name of names) {
        // A name that is made at run time may come from anywhere in the role.
        if (means(name, path)) found.set(path, union(found.get(path), name.text === undefined ? 'all' : tags))
      }
    }
  }
  inherit(candidates, found, reader)
  return new Map([...found].filter((entry): entry is [string, ReadonlySet<string>] => entry[1] !== 'all'))
}

/** Files that the values of variables take in. */
function lookedUpByVariables(vars: Variables): readonly Name[] {
  const nodes = [...vars.byName.values()].flat().flatMap((definition) => definition.nodes)
  return nodes
    .flatMap(textsIn)
    .flatMap(({ scalar }) => (isTemplated(scalar.text) ? lookedUp(scalar.text).map(nameOf) : []))
}

/** What a template takes in is used by whoever uses the template. */
function inherit(candidates: readonly string[], found: Map<string, Tags>, reader: Reader): void {
  const templates = candidates.filter((path) => inRole(path)?.part === 'templates')
  const takes = templates.flatMap((from) => {
    const code = reader.code(from)
    // Where the marks are not known, what takes in another file is not either.
    const isText = code[0] === reader.text('playbook', from) && /\b(include|import|extends|from)\b/.test(code[0] ?? '')
    const names = [...(isText ? [undefined] : takenIn(code)), ...code.flatMap(lookedUp)].map(nameOf)
    return names.flatMap((name) => candidates.filter((to) => means(name, to)).map((to) => ({ from, to, name })))
  })
  // What may be meant by any name is the whole role's; and so is what a template takes in that nobody uses.
  for (const { to, name } of takes) if (name.text === undefined) found.set(to, 'all')
  for (let more = true; more; ) {
    more = false
    for (const { from, to } of takes) {
      const before = found.get(to)
      const now = union(before, found.get(from) ?? 'all')
      if (size(now) !== size(before)) {
        found.set(to, now)
        more = true
      }
    }
  }
}

function size(tags: Tags | undefined): number {
  if (tags === undefined) return -1
  return tags === 'all' ? Number.POSITIVE_INFINITY : tags.size
}

function nameOf(text: string | undefined): Name {
  return text === undefined ? { end: '', parts: both } : { text, parts: both }
}

function namesIn(task: FoundTask, vars: Variables): readonly Name[] {
  const texts = textsIn(task.node).filter(({ isKey, under }) => !isKey && !elsewhere.has(under ?? ''))
  return texts.flatMap(({ scalar: { text }, under }): readonly Name[] => {
    if (under !== undefined && looksUpFiles.test(under)) return [{ end: '', parts: both }]
    const free = text.match(/(?:^|\s)src=/) ? text.split(/\s+/).filter((word) => word.startsWith('src=')) : undefined
    if (free) return free.flatMap((word) => written(word.slice('src='.length), task.module, vars))
    const isName = under === 'src' || under === task.module || under === 'file'
    const looked =
      isTemplated(text) || /^(when|until|that|changed_when|failed_when)$/.test(under ?? '')
        ? lookedUp(text).map(nameOf)
        : []
    if (!isTemplated(text)) return [{ text, parts: both }, ...looked]
    return isName ? [...written(text, task.module, vars), ...looked] : looked
  })
}

/** A name that is written where a file's name is expected. */
function written(text: string, module: string, vars: Variables): readonly Name[] {
  if (!isTemplated(text)) return [{ text, parts: both }]
  // Only a template is looked for in templates/; others find one there where they say so.
  const words = wordsIn(text)
  const values = words.flatMap((word) => vars.byName.get(word) ?? []).flatMap(({ nodes }) => nodes)
  const said = [text, ...values.flatMap((node) => textsIn(node).map(({ scalar }) => scalar.text))].join('\n')
  const parts = module === 'template' || said.includes('templates') ? both : (['files'] as const)
  return [{ end: text.slice(Math.max(text.lastIndexOf('}}'), text.lastIndexOf('%}')) + 2), parts }]
}

/** Whether the file may be meant: by its name, a longer path, or the folder that it lies in. */
function means({ text, end, parts }: Name, path: string): boolean {
  const { part = '', rest = '' } = inRole(path) ?? {}
  if (!parts.some((one) => one === part)) return false
  if (text === undefined) {
    const last = end ?? ''
    return last === '' || last.endsWith('/') || rest.endsWith(last) || last.includes(rest) || isWithin(rest, last)
  }
  const plain = text.trim().replace(/^(\.\/)+/, '')
  if (plain === '') return false
  const whole = `${part}/${rest}`
  return plain === rest || plain.endsWith(`/${rest}`) || isWithin(rest, plain) || isWithin(whole, plain)
}

/** `conf/` and `conf` hold `conf/a.hcl`; so does what ends on that. */
function isWithin(rest: string, folder: string): boolean {
  const name = folder.replace(/\/+$/, '')
  const above = rest.split('/').slice(0, -1)
  return above.some((_, i) => {
    const prefix = above.slice(0, i + 1).join('/')
    return name === prefix || name.endsWith(`/${prefix}`)
  })
}
