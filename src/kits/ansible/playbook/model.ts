/** Files by their path, relative to the folder they were read from: `roles/consul/tasks/main.yml`. */
export type SourceFiles = ReadonlyMap<string, Buffer>

/** What is read to know what a playbook does: its own folder, and the inventory's. */
export interface Sources {
  readonly playbook: SourceFiles
  readonly inventory: SourceFiles
}

/** One thing that decides what a role does to a host: a file, or the value of a variable in one. */
export interface Ingredient {
  /** Tells it from others: the path of a file (`playbook:roles/consul/templates/consul.hcl`), or that and `#` and the name of a variable. */
  readonly name: string
  /** The file it stands in; relative to the folder of the playbook, or of the inventory. */
  readonly file: string
  readonly of: keyof Sources
  /** The variable, where it is one. */
  readonly variable?: string
  /** Digest of what it means: of YAML without comments and layout, of other files their bytes. */
  readonly hash: string
  /** Tags that together select every task that uses it, and every task that must follow; undefined: the whole role. */
  readonly tags?: readonly string[]
  /** The hosts that it counts for; undefined: every host of the role. */
  readonly hosts?: readonly string[]
}

/** A role as a play runs it. What it depends on or includes is among its ingredients. */
export interface PlayedRole {
  readonly name: string
  /** Selects all of it, and no other role: `role:consul`. Undefined where the playbook gives it none. */
  readonly tag: string | undefined
  /** In the inventory's order. */
  readonly hosts: readonly string[]
  readonly ingredients: readonly Ingredient[]
}

/** Something in the sources that is not understood, or that makes a part unsafe. */
export interface Unclear {
  readonly of: keyof Sources
  readonly file: string
  /** From 1. */
  readonly line: number
  /** `a role's name is a template`. */
  readonly what: string
}

/** All that the planner has to know of a playbook. */
export interface Index {
  /** Of the inventory, in its order. */
  readonly hosts: readonly string[]
  /** In the order in which they run. */
  readonly roles: readonly PlayedRole[]
  /** What counts for every role on every host: the playbook, ansible.cfg, plugins, modules, the inventory's groups. */
  readonly shared: readonly Ingredient[]
  /** Why a run cannot be limited to some hosts (facts of other hosts, run_once, …); empty where it can. */
  readonly needsAllHosts: readonly Unclear[]
  /** Why only the whole playbook is safe, whatever changed; empty where parts are. */
  readonly needsAll: readonly Unclear[]
}
