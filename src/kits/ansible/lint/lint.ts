import { type Everything, readEverything } from '../playbook/everything.ts'
import { isTemplated } from '../playbook/jinja.ts'
import type { Sources } from '../playbook/model.ts'
import { Reader } from '../playbook/reader.ts'
import { child, textOf } from '../playbook/tree.ts'
import { modes, purged, staleUnits } from './file-rules.ts'
import { at, type Problem, type RoleRule } from './problem.ts'
import { appliedTags, flushedHandlers, followTags, sectionTags } from './tag-rules.ts'
import { facts, foreignVariables, lookups, secrets } from './word-rules.ts'

const rules: readonly RoleRule[] = [
  sectionTags,
  followTags,
  flushedHandlers,
  appliedTags,
  modes,
  staleUnits,
  purged,
  foreignVariables,
  facts,
  lookups,
]

/** What breaks the conventions that partial runs rely on, by file and line. A source that cannot be read is a problem too. */
export function lintRoles(sources: Sources): readonly Problem[] {
  const reader = new Reader(sources)
  const everything = readEverything(reader)
  const found = [...playProblems(everything), ...secrets(everything)]
  for (const role of everything.roles.byName.values()) for (const rule of rules) found.push(...rule(role, everything))
  for (const fault of reader.faults) found.push(at(fault, 'source', fault.text))
  const once = [...new Map(found.map((problem) => [JSON.stringify(problem), problem])).values()]
  return once.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
}

function playProblems({ playbooks, roles }: Everything): readonly Problem[] {
  const untagged = roles.entries.flatMap((entry) => {
    const isExact =
      entry.name === undefined || entry.tags.filter((tag) => tag.startsWith('role:')).join() === `role:${entry.name}`
    return isExact ? [] : [at(entry, 'role-tag', `the role ${entry.name} must carry the tag role:${entry.name}`)]
  })
  const fatal = playbooks.plays.flatMap(({ file, node }) => {
    const said = child(node, 'any_errors_fatal')
    const isTemplate = said !== undefined && isTemplated(textOf(said) ?? '')
    return isTemplate
      ? [at({ file, line: said.line }, 'fatal', 'any_errors_fatal must be a literal: a template counts as true')]
      : []
  })
  return [...untagged, ...fatal]
}
