import { sections } from '../playbook/tags.ts'
import { argument, type FoundTask, includeOf } from '../playbook/tasks.ts'
import { textOf } from '../playbook/tree.ts'
import { at, isOwnTask, type RoleRule } from './problem.ts'

/** Each task is in a section, and in none of another role: a section of one role runs nothing of another. */
export const sectionTags: RoleRule = ({ name, tasks }) => {
  return tasks.filter(isOwnTask).flatMap((task) => {
    const found = [...task.tags].filter((tag) => /:(install|config|service)$/.test(tag))
    const foreign = found.filter((tag) => !sectionsOf(name).includes(tag))
    return [
      ...foreign.map((tag) => at(task, 'section-tag', `carries ${tag}, a section of another role`)),
      ...(foreign.length < found.length
        ? []
        : [at(task, 'section-tag', `carries none of ${sectionsOf(name).join(', ')}`)]),
    ]
  })
}

/** What starts, restarts or waits runs with every part, so that none leaves an old process behind. */
export const followTags: RoleRule = ({ name, tasks }) => {
  const files = tasks.flatMap(({ tags }) => [...tags].filter((tag) => tag.startsWith(`${name}:file:`)))
  const wanted = [...new Set([...sectionsOf(name), ...files])]
  return tasks
    .filter(isOwnTask)
    .filter(mustFollow)
    .flatMap((task) => {
      const missing = wanted.filter((tag) => !task.tags.has(tag))
      if (missing.length === 0) return []
      return [at(task, 'follow-tag', `starts, restarts or waits, and lacks ${missing.join(', ')}`)]
    })
}

export const flushedHandlers: RoleRule = ({ name, tasks }) => {
  const [first] = tasks.filter(({ handler }) => handler)
  const flushed = tasks.some((task) => isFlush(task) && sectionsOf(name).every((tag) => task.tags.has(tag)))
  return first && !flushed ? [at(first, 'flush', 'handlers, and no meta: flush_handlers with all three sections')] : []
}

/** Tags that stop at a dynamic include run nothing of what is behind it. */
export const appliedTags: RoleRule = ({ tasks }) => {
  return tasks.flatMap((task) => {
    const include = includeOf(task)
    if (!include || include.isStatic || task.tags.symmetricDifference(new Set(include.applied)).size === 0) return []
    return [at(task, 'include-apply', `${task.module} without apply: tags equal to its own`)]
  })
}

function sectionsOf(role: string): readonly string[] {
  return sections.map((section) => `${role}:${section}`)
}

function isFlush({ module, args }: FoundTask): boolean {
  return module === 'meta' && textOf(args)?.trim() === 'flush_handlers'
}

function mustFollow(task: FoundTask): boolean {
  if (/^(agent|wait_for|uri)$/.test(task.module) || isFlush(task)) return true
  return /^(service|systemd|systemd_service|sysvinit)$/.test(task.module) && argument(task, 'state') !== undefined
}
