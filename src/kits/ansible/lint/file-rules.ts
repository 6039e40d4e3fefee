import { inRole } from '../playbook/places.ts'
import { argument, type FoundTask } from '../playbook/tasks.ts'
import { child, itemsOf, textOf, textsIn } from '../playbook/tree.ts'
import { at, isOwnTask, type RoleRule } from './problem.ts'

/** Without a mode the umask of a host decides. */
export const modes: RoleRule = ({ tasks }) => {
  return tasks.flatMap((task) => {
    if (!/^(file|template|copy)$/.test(task.module) || argument(task, 'mode') !== undefined) return []
    const isPlaced = task.module !== 'file' || !/^(absent|link|hard)$/.test(argument(task, 'state') ?? '')
    return isPlaced ? [at(task, 'mode', `${task.module} without mode`)] : []
  })
}

/** A unit whose process nobody compares with it may run from an old one for ever. */
export const staleUnits: RoleRule = ({ files, tasks }) => {
  if (tasks.some(({ module }) => module === 'agent')) return []
  const units = files.filter((file) => inRole(file)?.part === 'templates' && file.endsWith('.service'))
  return units.map((file) =>
    at({ file, line: 1 }, 'stale-unit', 'a unit, and no agent task that restarts it when it is stale'),
  )
}

/** Programs read all of /etc/<name>.d: what a role no longer puts there must go. */
export const purged: RoleRule = ({ tasks }) => {
  const placed = tasks.filter(isOwnTask).flatMap((task) => {
    const [, folder, name] = /^(\/etc\/[^/]+\.d)\/(?:.*\/)?([^/]+)$/.exec(argument(task, 'dest') ?? '') ?? []
    const isFile = task.module === 'template' || task.module === 'copy'
    return isFile && folder !== undefined && name !== undefined ? [{ task, folder, name }] : []
  })
  return [...Map.groupBy(placed, ({ folder }) => folder)].flatMap(([folder, all]) => {
    const [first] = all
    const wrong = purgeOf(tasks, folder, new Set(all.map(({ name }) => name)))
    return first && wrong !== undefined ? [at(first.task, 'purge', wrong)] : []
  })
}

function purgeOf(tasks: readonly FoundTask[], folder: string, names: ReadonlySet<string>): string | undefined {
  const finds = tasks.filter(({ module, args }) => {
    return (
      module === 'find' &&
      itemsOf(child(args, 'paths') ?? child(args, 'path')).some((path) => textOf(path)?.replace(/\/$/, '') === folder)
    )
  })
  const [find] = finds
  if (!find) return `files in ${folder}, and no find that looks for others there`
  const kept = new Set(itemsOf(child(find.args, 'excludes') ?? child(find.args, 'exclude')).map(textOf))
  const differ = [...names.symmetricDifference(kept)]
  if (differ.length > 0) return `the find over ${folder} must exclude exactly ${[...names].join(', ')}`
  const register = textOf(child(find.node, 'register')) ?? ''
  const removed = tasks.some((task) => {
    const mentions = textsIn(task.node).some(({ scalar }) => scalar.text.includes(`${register}.files`))
    return task.module === 'file' && argument(task, 'state') === 'absent' && register !== '' && mentions
  })
  return removed ? undefined : `what the find over ${folder} finds is not removed`
}
