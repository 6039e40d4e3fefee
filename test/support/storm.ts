import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CliProject, cliProject } from './cli.ts'
import type { Random } from './random.ts'

const fake = fileURLToPath(new URL('./fake-ansible.ts', import.meta.url))
const hosts = ['a', 'b', 'c']

const config = `import { effect, files } from 'lakitu'
import { apply } from 'lakitu/kits/ansible'

const machines = { a: { identity: '1' }, b: { identity: '2' }, c: { identity: '3' } }
export const applied = effect('applied', {
  inputs: { sources: files('ansible/**', 'inventory/**') },
  converges: true,
  probe: () => 'up',
  run: (ctx) => apply(ctx, { inventory: 'inventory', venv: 'venv', machines, connections: {}, planned: [['inputs']] }),
})
`

/** A project whose hosts are folders, and all that a person might do to its sources. */
export class StormProject {
  readonly project: CliProject
  private readonly random: Random
  private readonly before = new Map<string, string>()
  private count = 0

  constructor(project: CliProject, random: Random) {
    this.project = project
    this.random = random
    for (const program of ['ansible', 'ansible-playbook']) {
      const what = program === 'ansible' ? 'exit 0' : `exec ${process.execPath} ${fake} "$@"`
      project.write(`venv/bin/${program}`, `#!/bin/sh\n${what}\n`)
      chmodSync(project.path(`venv/bin/${program}`), 0o755)
    }
    project.write('inventory/hosts.yml', 'all: { hosts: { a: , b: , c:  } }\n')
    project.write('ansible/group_vars/all.yml', 'region: north\n')
    project.write('ansible/host_vars/b.yml', 'zone: b1\n')
    for (const role of ['web', 'db']) this.role(role, ['main', 'more'])
    this.playbook()
  }

  /** One thing that somebody does, by name. */
  edit(): string {
    const { random } = this
    this.count += 1
    const kind = random.pick([
      'text',
      'text',
      'text',
      'back',
      'back',
      'default',
      'group',
      'host',
      'comment',
      'bad',
      'file',
      'rename',
      'role',
      'touch',
    ] as const)
    const templates = this.below('templates')
    const template = random.pick(templates)
    const role = template.split('/')[2] ?? ''
    const does: Readonly<Record<typeof kind, () => void>> = {
      text: () => this.change(template, (text) => `${text.replace(/^REFUSED\n/m, '')}line ${this.count}\n`),
      back: () => this.back(),
      default: () =>
        this.change(`ansible/roles/${role}/defaults/main.yml`, (text) =>
          text.replace(/size: .*/, `size: ${this.count}`),
        ),
      group: () => this.change('ansible/group_vars/all.yml', () => `region: r${this.count}\n`),
      host: () => this.change(`ansible/host_vars/${random.pick(hosts)}.yml`, () => `zone: z${this.count}\n`),
      comment: () => this.change(`ansible/roles/${role}/tasks/main.yml`, (text) => `${text}# ${this.count}\n`),
      bad: () => this.change(template, (text) => `${text}REFUSED\n`),
      file: () =>
        this.role(role, [
          'main',
          ...this.names(role)
            .filter((name) => name !== 'main')
            .slice(-2),
          `new${this.count}`,
        ]),
      rename: () => this.rename(role),
      role: () => this.anotherRole(),
      touch: () => this.change(template, (text) => text),
    }
    does[kind]()
    return kind
  }

  /** Sources that can be applied, as the last edit of all. */
  calm(mark: string): void {
    for (const template of this.below('templates')) {
      this.project.write(template, this.project.read(template).replaceAll('REFUSED\n', ''))
    }
    // What was taken back may belong to a state that is gone.
    const roles = readdirSync(this.project.path('ansible/roles'))
    for (const role of roles) {
      this.role(role, this.names(role))
      this.change(`ansible/roles/${role}/defaults/main.yml`, (text) => (text.includes('size:') ? text : 'size: 1\n'))
    }
    this.change('ansible/group_vars/all.yml', (text) => (text.includes('region:') ? text : 'region: north\n'))
    this.playbook(...roles.filter((role) => role === 'extra'))
    this.change('ansible/roles/web/templates/main', (text) => `${text}${mark}\n`)
  }

  /** Host → path → text, as it is. */
  world(folder = 'world'): Readonly<Record<string, string>> {
    const root = this.project.path(folder)
    const found = existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : []
    const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return Object.fromEntries(files.sort().map((path) => [path.slice(root.length + 1), textAt(path)]))
  }

  /** What the whole playbook makes of the present sources, on top of what the hosts hold. */
  whole(): Readonly<Record<string, string>> {
    const to = this.project.path('whole')
    execFileSync('cp', ['-a', this.project.path('world'), to])
    execFileSync(
      'sh',
      ['-c', 'exec 3>/dev/null; exec "$@"', 'sh', process.execPath, fake, '-i', 'inventory', 'playbook.yml'],
      {
        cwd: this.project.root,
        env: { PATH: process.env['PATH'] ?? '', FAKE_WORLD: 'whole' },
      },
    )
    const found = this.world('whole')
    rmSync(to, { recursive: true })
    return found
  }

  private change(path: string, change: (text: string) => string): void {
    const text = this.project.has(path) ? this.project.read(path) : ''
    this.before.set(path, text)
    this.project.write(path, change(text))
  }

  /** Takes back the last edit of some file. */
  private back(): void {
    const known = [...this.before].filter(([path]) => this.project.has(path))
    if (known.length === 0) return
    const [path, text] = this.random.pick(known)
    this.change(path, () => text)
  }

  private names(role: string): string[] {
    return readdirSync(this.project.path(`ansible/roles/${role}/templates`))
  }

  private rename(role: string): void {
    const names = this.names(role).filter((name) => name !== 'main')
    const [name] = names
    if (name === undefined) return
    const to = `moved${this.count}`
    const folder = this.project.path(`ansible/roles/${role}/templates`)
    renameSync(join(folder, name), join(folder, to))
    this.role(role, [...this.names(role)])
  }

  private anotherRole(): void {
    if (this.project.has('ansible/roles/extra')) {
      this.playbook()
      rmSync(this.project.path('ansible/roles/extra'), { recursive: true })
    } else {
      this.role('extra', ['main'])
      this.playbook('extra')
    }
  }

  /** Not in one step, as no editor could. */
  private role(role: string, names: readonly string[]): void {
    const folder = `ansible/roles/${role}`
    const files = names.map((name) => `${role}:file:${name}`)
    const all = [`${role}:config`, ...files]
    for (const name of names) {
      if (!this.project.has(`${folder}/templates/${name}`)) {
        this.project.write(
          `${folder}/templates/${name}`,
          `${name} of {{ inventory_hostname }} in {{ region }}, {{ size }}\n`,
        )
      }
    }
    for (const old of this.project.has(`${folder}/templates`) ? this.names(role) : []) {
      if (!names.includes(old)) this.project.remove(`${folder}/templates/${old}`)
    }
    if (!this.project.has(`${folder}/defaults/main.yml`)) this.project.write(`${folder}/defaults/main.yml`, 'size: 1\n')
    const writes = names.map((name) => ({
      name: `Write ${name}`,
      template: { src: name, dest: `${role}/${name}` },
      tags: [`${role}:config`, `${role}:file:${name}`],
    }))
    const tasks = [
      ...writes,
      { name: 'Purge', purge: { path: role, keep: names }, tags: all },
      { name: 'Start', agent: { path: role }, tags: all },
    ]
    this.project.write(`${folder}/tasks/main.yml`, `${tasks.map((task) => `- ${JSON.stringify(task)}`).join('\n')}\n`)
  }

  private playbook(...more: readonly string[]): void {
    const roles = ['web', 'db', ...more].map((role) => ({ role, tags: [`role:${role}`] }))
    this.project.write('ansible/playbook.yml', `- ${JSON.stringify({ hosts: 'all', gather_facts: false, roles })}\n`)
  }

  private below(part: string): readonly string[] {
    const roles = readdirSync(this.project.path('ansible/roles'))
    return roles.flatMap((role) => {
      const folder = `ansible/roles/${role}/${part}`
      return this.project.has(folder) ? readdirSync(this.project.path(folder)).map((name) => `${folder}/${name}`) : []
    })
  }
}

/** It may go between the two looks, while a playbook runs. */
function textAt(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export async function stormProject(random: Random): Promise<StormProject> {
  return new StormProject(await cliProject(config), random)
}
