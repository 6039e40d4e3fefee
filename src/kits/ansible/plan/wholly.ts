import type { Context } from 'lakitu'

/** Why the whole playbook must run whatever the sources say; undefined where nothing wants it. */
export function wholly(
  { forced, previous }: Pick<Context, 'forced' | 'previous'>,
  planned: readonly (readonly string[])[],
): string | undefined {
  if (forced) return 'asked for'
  const other = previous?.changes?.find(({ path }) => !planned.some((prefix) => begins(path, prefix)))
  return other && `${other.path.join(' › ')} ${other.change}`
}

function begins(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((part, i) => path[i] === part)
}
