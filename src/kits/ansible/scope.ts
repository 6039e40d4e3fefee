import type { Change, Previous } from 'lakitu'
import { listing } from 'lakitu'

/** How much of the playbook must run, and why. */
export type Scope =
  | { readonly kind: 'full'; readonly because: string }
  | { readonly kind: 'roles'; readonly roles: readonly string[]; readonly because: string }

/**
 * The smallest safe part: where nothing but files of roles changed since a success, only these roles; else everything.
 * Not after a failure: what that attempt put on the hosts may have left the sources again, so no change shows it.
 */
export function scopeOf(previous: Previous | undefined, folder = 'ansible'): Scope {
  if (previous?.changes === undefined) return full('it was never applied')
  if (previous.outcome !== 'done') return full('the last attempt did not succeed')
  if (previous.changes.length === 0) return full('no source changed, so the hosts did')
  const roles = new Set<string>()
  for (const change of previous.changes) {
    const role = roleOf(change, folder)
    if (role === undefined) return full(`${change.path.at(-1) ?? 'something'} ${change.change}`)
    roles.add(role)
  }
  const sorted = [...roles].sort()
  return { kind: 'roles', roles: sorted, because: `only files of ${listing(sorted)} changed` }
}

/** `--tags role:consul,role:nomad`, or nothing for the full playbook. */
export function tagArguments(scope: Scope): readonly string[] {
  return scope.kind === 'full' ? [] : ['--tags', scope.roles.map((role) => `role:${role}`).join(',')]
}

function full(because: string): Scope {
  return { kind: 'full', because }
}

/** The role that a change lies in: only for files, and only where the path in the facts ends with the file's own. */
function roleOf({ path }: Change, folder: string): string | undefined {
  const file = path[0] === 'inputs' && path.length > 2 ? path.at(-1) : undefined
  const prefix = `${folder}/roles/`
  if (!file?.startsWith(prefix)) return undefined
  const [role, ...rest] = file.slice(prefix.length).split('/')
  return role && rest.length > 0 ? role : undefined
}
