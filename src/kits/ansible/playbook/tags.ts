import { wordsIn } from './jinja.ts'
import type { FoundRole } from './role.ts'
import { argument, type FoundTask } from './tasks.ts'
import { textsIn } from './tree.ts'
import { namesMade } from './variables.ts'

/** Tags that select what uses a thing; `all`: the whole role. */
export type Tags = ReadonlySet<string> | 'all'

export function union(a: Tags | undefined, b: Tags): Tags {
  if (a === undefined || a === b) return b
  return a === 'all' || b === 'all' ? 'all' : a.union(b)
}

export const sections = ['install', 'config', 'service'] as const

/**
 * Modules that put something in place or look at it, and do nothing about what other tasks of the role put there; `written` is the
 * playground's own. All others, unknown ones too, may start, reload or wait, and so have to come along whatever else runs.
 */
const passive = new Set(
  `add_host apt apt_key apt_repository assert copy cron deb822_repository debconf debug dnf dpkg_selections fail file find get_url
  getent git group group_by gather_facts hostname include_role include_tasks import_role import_tasks iptables known_hosts mount
  package package_facts service_facts set_fact set_stats setup slurp stat tempfile template unarchive user
  validate_argument_spec wait_for_connection written yum yum_repository`.split(/\s+/),
)

/** Whether what it does on a host hangs on files that other tasks put there: then it has to come along with these. */
function looksAtHost(task: FoundTask): boolean {
  const isOn = (name: string) => !/^(no|false|off|n|f|0)$/i.test(argument(task, name) ?? 'no')
  return isOn('remote_src') || isOn('recurse') || argument(task, 'deb') !== undefined
}

/**
 * Which tags of a role select a part that can run without the rest: every task that may have to follow carries the tag, and no task
 * needs what another finds out that does not.
 */
export class NarrowTags {
  private readonly role: FoundRole
  private readonly known = new Map<string, boolean>()
  private readonly links: readonly (readonly [maker: FoundTask, user: FoundTask])[]
  private readonly foreign: ReadonlySet<string>

  /** `foreign`: tags that tasks of other roles carry. */
  constructor(role: FoundRole, foreign: ReadonlySet<string>) {
    this.role = role
    this.foreign = foreign
    this.links = linksOf(role.tasks)
  }

  /** The narrowest tags that select a task: of the form `<role>:file:…`, else of its sections. */
  of(task: FoundTask): Tags {
    if (task.handler) return 'all'
    const own = [...task.tags].filter((tag) => this.standsAlone(tag))
    const files = own.filter((tag) => tag.startsWith(`${this.role.name}:file:`))
    const found = files.length > 0 ? files : own.filter((tag) => this.isSection(tag))
    return found.length > 0 ? new Set(found) : 'all'
  }

  private isSection(tag: string): boolean {
    return sections.some((section) => tag === `${this.role.name}:${section}`)
  }

  private standsAlone(tag: string): boolean {
    const before = this.known.get(tag)
    const found = before ?? (!this.role.spoiled && !this.isShared(tag) && this.isWhole(tag))
    this.known.set(tag, found)
    return found
  }

  /** Other roles may follow the whole of this one: then no part of it is enough for them. */
  private isShared(tag: string): boolean {
    return this.foreign.has(tag) || this.foreign.has(`role:${this.role.name}`)
  }

  private isWhole(tag: string): boolean {
    const follows = this.role.tasks.every((task) => {
      return task.handler || (passive.has(task.module) && !looksAtHost(task)) || task.tags.has(tag)
    })
    return follows && this.links.every(([maker, user]) => maker.tags.has(tag) === user.tags.has(tag))
  }
}

/** Who finds out what another one uses. */
function linksOf(tasks: readonly FoundTask[]): readonly (readonly [FoundTask, FoundTask])[] {
  const makers = tasks.flatMap((task) => [...namesMade([task])].map((name) => ({ name, task })))
  if (makers.length === 0) return []
  const own = tasks.filter((task) => !task.handler)
  return own.flatMap((user) => {
    const words = new Set(textsIn(user.node).flatMap(({ scalar }) => wordsIn(scalar.text)))
    return makers.flatMap(({ name, task }) => (task !== user && words.has(name) ? [[task, user] as const] : []))
  })
}
