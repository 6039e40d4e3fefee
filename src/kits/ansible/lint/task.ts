import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { count, files, LakituError, type Task, task } from 'lakitu'
import type { Problem } from './problem.ts'

export interface RoleLintOptions {
  /** Folder with the playbook and the roles; default `ansible`. */
  readonly folder?: string
}

/** The task `role-lint`. Fails with E_ROLE_LINT, which names the place of each problem. */
export function roleLint({ folder = 'ansible' }: RoleLintOptions = {}): Task<void> {
  return task('role-lint', {
    about: 'Whether the roles keep the conventions that partial runs rely on',
    inputs: { sources: files(`${folder}/**`) },
    run: async ({ root, inputs, log }) => {
      const own = inputs.sources.map((path) => path.slice(folder.length + 1))
      const playbook = new Map<string, Buffer>()
      for (const path of own) playbook.set(path, await readFile(join(root, folder, path)))
      const { lintRoles } = await import('./lint.ts')
      const problems = lintRoles({ playbook, inventory: new Map() })
      for (const problem of problems) log(`${folder}/${problem.file}:${problem.line}  ${problem.rule}: ${problem.text}`)
      if (problems.length > 0) throw lintError(problems, folder)
    },
  })
}

function lintError(problems: readonly Problem[], folder: string): LakituError {
  const places = Map.groupBy(problems, ({ file, line }) => `${folder}/${file}:${line}`)
  return new LakituError({
    code: 'E_ROLE_LINT',
    headline: `The roles break their conventions in ${count(problems.length, 'place')}`,
    facts: Object.fromEntries([...places].map(([place, all]) => [place, all.map(({ text }) => text).join('; ')])),
    next: 'Mend them: a partial run of a role that breaks them may leave a host behind.',
  })
}
