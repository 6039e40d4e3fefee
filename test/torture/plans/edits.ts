import { stringify } from 'yaml'
import type { Random } from '../../support/random.ts'
import { type Edit, some, withFile } from './edit.ts'
import { yamlLike } from './generate.ts'
import { moreEdits } from './more-edits.ts'
import { read } from './tree.ts'
import { record, type Value } from './values.ts'

/** Changes one file that fits. */
function text(pattern: RegExp, change: (text: string, random: Random) => string): Edit {
  return (tree, random) => {
    const path = some(tree, random, pattern)
    return path === undefined ? undefined : { tree: withFile(tree, path, change(tree.get(path) ?? '', random)), path }
  }
}

function variable(pattern: RegExp, change: (value: Value, key: string, random: Random) => Value | undefined): Edit {
  return (tree, random) => {
    const path = some(tree, random, pattern)
    if (path === undefined) return undefined
    const text = tree.get(path) ?? ''
    const before = record(read(text))
    if (Object.keys(before).length === 0) return undefined
    const key = random.pick(Object.keys(before))
    const { [key]: old = '', ...others } = before
    const now = change(old, key, random)
    const next = now === undefined ? others : { ...before, [key]: now }
    return { tree: withFile(tree, path, yamlLike(text, next)), path, key }
  }
}

function otherValue(value: Value, key: string, random: Random): Value {
  if (typeof value === 'number') return value + 1 + random.int(5)
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value)) {
    return random.chance(0.5) || value.length < 2 ? [...value, `n${random.int(99)}`] : value.slice(1)
  }
  const mentioned = key !== 'level' && random.chance(0.2)
  return mentioned ? `${String(value)} {{ level }}` : `${String(value)}${random.int(9)}`
}

/** Other spaces and no comments; the quotes stay, as they may mean something. */
function relaid(old: string): string {
  const bare = old.replace(/^#.*\n/gm, '')
  return /^\s*[[{]/.test(bare)
    ? JSON.stringify(read(bare), null, 3)
    : stringify(read(bare), { indent: 4, lineWidth: 0 })
}

const newKeys = 'extra rack zone both level site alpha_port bravo_fixed alpha_fixed cedar_name unused'.split(' ')
const variables = /(defaults|vars)\/main\.yml$|(group|host)_vars\//

/** By kind; each leaves YAML that can be read, not always a playbook that can run. */
export const edits: Readonly<Record<string, Edit>> = {
  comment: text(/\.yml$/, (old, random) => (random.chance(0.5) ? `# a word\n${old}` : `${old}# ${random.int(99)}\n`)),
  layout: text(
    /\.yml$/,
    (old) => `
${relaid(old)}
`,
  ),
  'template text': text(/roles\/\w+\/templates\//, (old, random) => `${old}more ${random.int(999)}\n`),
  'template mention': text(
    /roles\/\w+\/templates\//,
    (old, random) => `${old}{{ ${random.pick(newKeys)} | default('-') }} .\n`,
  ),
  file: text(/roles\/\w+\/files\//, (old, random) => `${old}# ${random.int(999)}\n`),
  default: variable(/defaults\/main\.yml$/, otherValue),
  'role var': variable(/roles\/\w+\/vars\/main\.yml$/, otherValue),
  'group var': variable(/group_vars\//, otherValue),
  'host var': variable(/host_vars\//, otherValue),
  'new variable': (tree, random) => {
    const path = some(tree, random, variables)
    if (path === undefined) return undefined
    const key = random.pick(newKeys)
    const text = tree.get(path) ?? ''
    const next = { [key]: `new${random.int(99)}`, ...record(read(text)) }
    return { tree: withFile(tree, path, yamlLike(text, next)), path, key }
  },
  'removed variable': variable(variables, () => undefined),
  'inventory value': text(/inventory\/hosts\.yml$/, (old, random) =>
    random.chance(0.5)
      ? old.replace('10.0.0', `10.${random.int(99)}.0`)
      : old.replace(/(site"?: ?"?)\w+/, `$1s${random.int(99)}`),
  ),
  ...moreEdits,
}

/** Those whose plans should be small stand there more often. */
export const kinds: readonly string[] = [...Object.keys(edits), 'template text', 'template text', 'default', 'host var']
