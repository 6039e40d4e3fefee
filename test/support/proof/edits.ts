import { readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'

/** Of one file under `ansible/`: its text before → after. */
export type Change = (text: string) => string

export interface FileEdit {
  readonly kind: 'comment' | 'value'
  /** Relative to `ansible/`. */
  readonly file: string
  readonly change: Change
}

/** Every file, relative to the folder, sorted. */
export function filesIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return paths.map((path) => path.slice(folder.length + 1)).sort()
}

/** The edits that fit a file: a comment where it can hold one, and a value that the hosts can live with. */
export function editsOf(file: string): readonly FileEdit[] {
  const [comment, value] = [commentIn(file), valueIn(file)]
  return [
    ...(comment ? [{ kind: 'comment' as const, file, change: comment }] : []),
    ...(value ? [{ kind: 'value' as const, file, change: value }] : []),
  ]
}

function commentIn(file: string): Change | undefined {
  if (file.includes('/files/')) return undefined
  const hasHash = /^\.(ya?ml|cfg|in|py|hcl|service)$/.test(extname(file)) || basename(file) === 'requirements.txt'
  return append(hasHash ? '# A word by the proof.\n' : '{# A word by the proof. #}\n')
}

function valueIn(file: string): Change | undefined {
  // Another version of Ansible would have to be fetched.
  if (basename(file).startsWith('requirements.')) return undefined
  switch (extname(file)) {
    case '.py':
      return append('\nBY_THE_PROOF = 1\n')
    case '.hcl':
      return append('log_level = "INFO"\n')
    case '.cfg':
      return nextNumber(/^\w+ = (\d+)$/m)
    case '.service':
      return nextNumber(/^TimeoutStopSec=(\d+)$/m)
  }
  if (file === 'playbook.yml') return (text) => text.replace(/^ +hosts: all$/m, '$&\n  order: sorted')
  if (/\/(tasks|handlers)\//.test(file))
    return (text) => text.replace(/mode: "0([67]).."/, (_, own) => `mode: "0${own}11"`)
  if (extname(file) === '.yml') return nextNumber(/^[^#\n]*?\b(\d+)\b/m)
  return append('One more line.\n')
}

function append(more: string): Change {
  return (text) => text + more
}

/** The first number that the pattern finds, and one. */
function nextNumber(pattern: RegExp): Change {
  return (text) =>
    text.replace(pattern, (all, digits: string) => all.replace(/\d+(?=\D*$)/, String(Number(digits) + 1)))
}
