/**
 * What lies in the two folders and decides nothing: texts for people, what editors and Python leave, what pip reads. Not so in
 * `files/` and `templates/`, where a README is copied like all else; what editors leave for a moment is nothing there either.
 */
const uncounted = [/\.md$/i, /^((roles|collections)\/)?requirements\.[^/]*$/, /\.retry$/]
const leftovers = [
  /(^|\/)__pycache__\//,
  /\.pyc$/,
  /~$/,
  /(^|\/)\.[^/]*\.sw[a-z]$/,
  /(^|\/)\.#[^/]*$/,
  /(^|\/)#[^/]*#$/,
  /(^|\/)4913$/,
  // Not sedscript: what sed makes is nearly never six small letters.
  /(^|\/)sed(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{6}$/,
  /(^|\/)\.DS_Store$/,
]

/** Whether a file counts for nothing. */
export function isUncounted(path: string): boolean {
  if (leftovers.some((pattern) => pattern.test(path))) return true
  return !/(^|\/)(files|templates)\//.test(path) && uncounted.some((pattern) => pattern.test(path))
}

const extension = /\.(ya?ml|json)$/

/** As Ansible has it for variables and tasks: these endings, or none. */
export function isYaml(path: string): boolean {
  return extension.test(path) || !/\./.test(path.split('/').at(-1) ?? '')
}

/** A path within a role: `roles/consul/tasks/main.yml` → consul, tasks, main.yml. */
export interface InRole {
  readonly role: string
  readonly part: string
  readonly rest: string
}

export function inRole(path: string): InRole | undefined {
  const [, role, part, rest] = /^roles\/([^/]+)\/(?:([^/]+)\/)?(.+)$/.exec(path) ?? []
  return role === undefined || rest === undefined ? undefined : { role, part: part ?? '', rest }
}

/** Modules and plugins of a role are there for every role. */
export function isPlugin(part: string): boolean {
  return part === 'library' || part === 'module_utils' || part.endsWith('_plugins')
}

export function isTaskPart(part: string): boolean {
  return part === 'tasks' || part === 'handlers' || part === 'meta'
}

export function isVariablePart(part: string): boolean {
  return part === 'defaults' || part === 'vars'
}

/** A file of variables of a group or a host: `group_vars/all/net.yml` → all. */
export function groupOrHost(path: string): { readonly kind: 'group' | 'host'; readonly name: string } | undefined {
  const [, kind, first] = /^(group|host)_vars\/([^/]+)/.exec(path) ?? []
  if (first === undefined || !isYaml(path)) return undefined
  const name = path.split('/').length === 2 ? first.replace(extension, '') : first
  return { kind: kind === 'host' ? 'host' : 'group', name }
}

/** `a/b/../c` → `a/c`; undefined where it leaves the folder. */
export function joined(folder: string, path: string): string | undefined {
  const parts: string[] = []
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..' && parts.length === 0) return undefined
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
