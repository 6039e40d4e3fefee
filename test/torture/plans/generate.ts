import { stringify } from 'yaml'
import type { Random } from '../../support/random.ts'
import { mention, template } from './mention.ts'
import type { Tree } from './tree.ts'
import { type Task, texts, type Value } from './values.ts'

export const roleNames = ['alpha', 'bravo', 'cedar', 'delta']
const sections = ['install', 'config', 'service']

/** A playbook and its inventory as people might write them. Few of them do not run, or never come to rest. */
export function generate(random: Random): Tree {
  return new Generator(random).tree()
}

/** JSON is YAML, too, and read much faster. */
export function yamlText(value: Value, random: Random): string {
  return random.chance(0.1) ? stringify(value, { lineWidth: 0 }) : `${JSON.stringify(value)}\n`
}

/** Written in the way of the text that it comes from: another quote may mean something else. */
export function yamlLike(old: string, value: Value): string {
  return /^(#.*\n|\s)*[[{]/.test(old) ? `${JSON.stringify(value)}\n` : stringify(value, { lineWidth: 0 })
}

/** Each host has a folder of its own under this name. */
export function dest(name: string): string {
  return `/out/${name}`
}

class Generator {
  private readonly random: Random
  private readonly files = new Map<string, string>()
  private readonly roles: readonly string[]
  private readonly hosts: readonly string[]
  /** Only taken in by others. */
  private readonly imported: string | undefined

  constructor(random: Random) {
    this.random = random
    this.roles = roleNames.slice(0, 1 + random.int(3))
    this.hosts = ['h1', 'h2', 'h3'].slice(0, 1 + random.int(3))
    this.imported = this.roles.length > 1 && random.chance(0.3) ? this.roles[0] : undefined
  }

  tree(): Tree {
    this.inventory()
    for (const [i, role] of this.roles.entries()) new RoleGenerator(this.random, this.files, role).all(this.before(i))
    this.playbook()
    return this.files
  }

  /** What a role may take in, so that nothing goes in a circle: those before it. */
  private before(i: number): Others {
    return { depend: this.roles.slice(0, i), imported: i > 0 ? this.imported : undefined }
  }

  private put(path: string, value: Value): void {
    this.files.set(path, yamlText(value, this.random))
  }

  private inventory(): void {
    const { random, hosts } = this
    const servers = hosts.slice(0, 1 + random.int(hosts.length))
    const clients = hosts.filter((host) => !servers.includes(host) || random.chance(0.2))
    const own = (host: string) => ({ address: `10.0.0.${host.slice(1)}` })
    const listed = (some: readonly string[], but: readonly string[]): Task =>
      Object.fromEntries(some.map((host) => [host, but.includes(host) ? {} : own(host)]))
    const children = {
      clients: { hosts: listed(clients, servers), vars: { kind: 'client' } },
      servers: { hosts: listed(servers, []), vars: { kind: 'server' } },
    }
    this.put('inventory/hosts.yml', { all: { vars: { site: 'here' }, children } })
    const common = { domain: 'test', level: random.int(9), origin: '{{ site }}.{{ domain }}', both: 'all' }
    this.put(`${random.pick(['playbook', 'inventory'])}/group_vars/all.yml`, { ...common, wanted: random.chance(0.8) })
    if (random.chance(0.4)) this.put('playbook/group_vars/servers.yml', { both: 'servers', zone: 'z-{{ domain }}' })
    for (const host of hosts) {
      if (!random.chance(0.6)) continue
      this.put(`playbook/host_vars/${host}.yml`, { rack: `r${random.int(9)}`, shelf: '{{ rack }}/{{ level }}' })
    }
  }

  private playbook(): void {
    const { random, roles } = this
    const played = roles.filter((role) => role !== this.imported)
    const entry = (role: string): Value => {
      const when = random.chance(0.15) ? { when: random.pick(['wanted', "kind == 'server'"]) } : {}
      return { role, ...(random.chance(0.97) ? { tags: [`role:${role}`] } : {}), ...when }
    }
    const cut = random.chance(0.3) ? 1 + random.int(played.length) : played.length
    const play = (name: string, hosts: string, some: readonly string[]): Task => ({
      name,
      hosts,
      gather_facts: false,
      roles: some.map(entry),
      ...(random.chance(0.1) ? { vars: { extra: '{{ level }} of the play' } } : {}),
    })
    const plays = [play('First', random.pick(['all', 'all', 'servers']), played.slice(0, cut))]
    if (cut < played.length) plays.push(play('Second', random.pick(['all', 'clients']), played.slice(cut)))
    this.put('playbook/playbook.yml', plays)
  }
}

interface Others {
  readonly depend: readonly string[]
  readonly imported: string | undefined
}

/** One role, its name in all that it has. */
class RoleGenerator {
  private readonly random: Random
  private readonly files: Map<string, string>
  private readonly role: string
  /** What its agent looks at. */
  private readonly written: string[] = []
  private readonly ownTags = new Set<string>()

  constructor(random: Random, files: Map<string, string>, role: string) {
    this.random = random
    this.files = files
    this.role = role
  }

  all({ depend, imported }: Others): void {
    const { random, role } = this
    this.put('defaults/main.yml', {
      [`${role}_port`]: 1000 + random.int(99),
      [`${role}_items`]: ['one', 'two'],
      [`${role}_name`]: `${role}-${random.pick(['x', '{{ level }}', `{{ ${role}_port }}`, '{{ origin }}'])}`,
    })
    if (random.chance(0.3)) this.put('vars/main.yml', { [`${role}_fixed`]: random.pick(['vars', '{{ kind }}']) })
    if (random.chance(0.3) && depend.length > 0) {
      this.put('meta/main.yml', { dependencies: [{ role: random.pick(depend) }] })
    }
    const main = [
      ...this.maybe(0.4, () => this.tool()),
      this.template('main.conf', { tags: this.tags('config'), ...this.when(), ...this.notify(depend) }),
      ...this.maybe(0.4, () => this.template('unit', { tags: this.tags('service'), ...this.notify(depend) })),
      ...this.maybe(0.2, () => this.block(depend)),
      ...(this.hasPart() ? this.maybe(0.5, () => this.part()) : []),
      ...this.maybe(0.3, () => this.looped()),
      ...this.maybe(0.3, () => this.moreTasks()),
      ...this.maybe(0.3, () => this.includedTasks()),
      ...this.maybe(0.2, () => this.copied('note', { tags: this.tags('config') })),
      ...this.maybe(0.6, () => this.agent()),
      ...(imported ? this.maybe(0.5, () => ({ import_role: { name: imported }, tags: this.tags('config') })) : []),
    ]
    this.put('tasks/main.yml', main)
    const content = `${role} {{ ${role}_name }} {{ both }}`
    const handler = { copy: { content, dest: dest(`${role}-restarted`) }, listen: 'anyone' }
    this.put('handlers/main.yml', [{ name: `restart ${role}`, ...handler }])
  }

  private put(path: string, value: Value): void {
    this.files.set(`playbook/roles/${this.role}/${path}`, yamlText(value, this.random))
  }

  private maybe(probability: number, make: () => Value): Value[] {
    return this.random.chance(probability) ? [make()] : []
  }

  private dest(name: string): string {
    this.written.push(dest(`${this.role}-${name}`))
    return dest(`${this.role}-${name}`)
  }

  /** Of a section, sometimes of none. */
  private tags(section: string): string[] {
    return this.random.chance(0.1) ? [] : [`${this.role}:${section}`]
  }

  private when(): Task {
    const { random, role } = this
    const said = ['wanted', "kind == 'server'", `'one' in ${role}_items`, "inventory_hostname in groups['servers']"]
    return random.chance(0.2) ? { when: random.pick([...said, 'level != 3']) } : {}
  }

  private notify(depend: readonly string[]): Task {
    const { random, role } = this
    const whom = [`restart ${role}`, `restart ${role}`, 'anyone', ...depend.map((other) => `restart ${other}`)]
    return random.chance(0.6) ? { notify: random.pick(whom) } : {}
  }

  private text(name: string): void {
    this.files.set(`playbook/roles/${this.role}/templates/${name}`, template(this.random, this.role))
  }

  private tool(): Value {
    this.files.set(`playbook/roles/${this.role}/files/tool`, `#!/bin/sh\nexit ${this.random.int(9)}\n`)
    return { copy: { src: 'tool', dest: this.dest('tool') }, tags: this.tags('install') }
  }

  private template(name: string, rest: Task): Value {
    this.text(name)
    if (this.random.chance(0.2)) {
      this.text('part.inc')
      const path = `playbook/roles/${this.role}/templates/${name}`
      this.files.set(path, `{% include 'part.inc' %}\n${this.files.get(path) ?? ''}`)
    }
    const tags = texts(rest['tags'] ?? [], String)
    const ofFile = `${this.role}:file:${name}`
    if (tags.length > 0 && this.random.chance(0.3)) this.ownTags.add(ofFile)
    const all = this.ownTags.has(ofFile) ? [...tags, ofFile] : tags
    return { template: { src: name, dest: this.dest(name) }, ...rest, ...(all.length > 0 ? { tags: all } : {}) }
  }

  private hasPart(): boolean {
    return this.files.has(`playbook/roles/${this.role}/templates/part.inc`)
  }

  /** What others include is a template of its own as well. */
  private part(): Value {
    return { template: { src: 'part.inc', dest: this.dest('part') }, tags: this.tags('service') }
  }

  private copied(name: string, rest: Task): Value {
    return { copy: { content: `says ${mention(this.random, this.role)}`, dest: this.dest(name) }, ...rest }
  }

  private block(depend: readonly string[]): Value {
    const inner = [this.copied('in-block', {}), this.template('blocked', this.notify(depend))]
    return { block: inner, tags: this.tags('config'), ...this.when() }
  }

  private looped(): Value {
    const { random, role } = this
    const tags = this.tags('config')
    if (random.chance(0.5)) {
      const content = `{{ item }} ${mention(random, role)}`
      return { copy: { content, dest: dest(`${role}-{{ item }}`) }, loop: `{{ ${role}_items }}`, tags }
    }
    for (const name of ['each-a', 'each-b']) this.text(name)
    return { template: { src: '{{ item }}', dest: dest(`${role}-{{ item }}`) }, loop: ['each-a', 'each-b'], tags }
  }

  private moreTasks(): Value {
    this.text('deep')
    const tasks = [{ copy: { content: "{{ lookup('template', 'deep') }}", dest: this.dest('deep') }, ...this.when() }]
    this.put('tasks/more.yml', tasks)
    return { import_tasks: 'more.yml', tags: this.tags(this.random.pick(sections)) }
  }

  private includedTasks(): Value {
    const { random, role } = this
    const tags = this.tags('config')
    const own = random.chance(0.3) ? { tags: [`${role}:service`] } : {}
    this.put('tasks/extra.yml', [this.copied('extra', own), this.template('extra.conf', own)])
    const apply = random.chance(0.5) ? {} : { apply: { tags } }
    return { include_tasks: { file: 'extra.yml', ...apply }, tags }
  }

  /** Has to come along with whatever it looks at, as a restart does; a careless one carries one tag only. */
  private agent(): Value {
    const { random, role, written } = this
    const all = [...sections.map((section) => `${role}:${section}`), ...this.ownTags]
    const some = random.chance(0.3) ? [`${role}:service`] : random.chance(0.2) ? all.slice(0, 3) : all
    return { agent: { dest: dest(`${role}-agent`), sees: [...written] }, tags: some }
  }
}
