import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Previous } from 'lakitu'
import { type ApplyOptions, apply, closeConnections } from 'lakitu/kits/ansible'
import { onTestFinished } from 'vitest'

type Event = Readonly<Record<string, unknown>>

/** How one call of Ansible ends; `meanwhile` is done while it runs. */
export interface Answer {
  readonly code?: number
  readonly events?: readonly Event[]
  readonly meanwhile?: () => void
}

const tree = {
  'ansible/ansible.cfg': '[defaults]\n',
  'ansible/playbook.yml': `- hosts: all
  gather_facts: false
  any_errors_fatal: true
  roles:
    - role: web
      tags: [role:web]
    - role: db
      tags: [role:db]
`,
  'ansible/roles/web/tasks/main.yml': `- name: Page
  ansible.builtin.template: { src: page.html, dest: /srv/page.html, mode: "0644" }
  tags: [web:config]
- name: Start
  ansible.builtin.systemd: { name: web, state: started }
  tags: [web:install, web:config, web:service]
`,
  'ansible/roles/web/templates/page.html': 'Hello from {{ inventory_hostname }}\n',
  'ansible/roles/db/tasks/main.yml': `- name: Program
  ansible.builtin.copy: { content: "{{ db_port }}", dest: /srv/db, mode: "0644" }
  tags: [db:config]
`,
  'ansible/roles/db/defaults/main.yml': 'db_port: 5432\n',
  'inventory/hosts.json': JSON.stringify({ all: { hosts: { a: {}, b: {}, c: {} } } }),
}

/** A project with a playbook, and an Ansible that does what a test says. What is noted stays from apply to apply. */
export class AppliedProject {
  readonly root = mkdtempSync(join(tmpdir(), 'lakitu-apply-'))
  readonly calls: string[] = []
  readonly logs: string[] = []
  readonly warnings: string[] = []
  readonly notes: Record<string, unknown> = {}
  partial = false
  private outcome: Previous['outcome'] | undefined
  private readonly signal = new AbortController().signal

  constructor() {
    for (const [path, text] of Object.entries(tree)) this.write(path, text)
    onTestFinished(async () => {
      await closeConnections({ root: this.root, exec: this.exec([]) })
      rmSync(this.root, { recursive: true })
    })
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  edit(path: string): void {
    this.write(path, `${readFileSync(join(this.root, path), 'utf8')}# edited\n`)
  }

  remove(path: string): void {
    rmSync(join(this.root, path))
  }

  /** The words of each call of ansible-playbook, behind the playbook's name, of this apply alone. */
  async apply(
    answers: readonly Answer[] = [],
    options: Partial<ApplyOptions & { forced: boolean }> = {},
  ): Promise<string[]> {
    this.calls.length = 0
    this.logs.length = 0
    this.partial = false
    const machines = { a: { identity: '1' }, b: { identity: '2' }, c: { identity: '3' } }
    const previous = this.outcome && { outcome: this.outcome, notes: structuredClone(this.notes), changes: [] }
    this.outcome = 'failed'
    await apply(
      {
        root: this.root,
        signal: this.signal,
        forced: options.forced ?? false,
        previous,
        ranPart: () => {
          this.partial = true
        },
        note: async (key, value) => {
          if (value === null) delete this.notes[key]
          else this.notes[key] = structuredClone(value)
        },
        log: (text) => void this.logs.push(text),
        warn: (text) => void this.warnings.push(text),
        progress: () => {},
        exec: this.exec([...answers]),
      },
      { inventory: 'inventory', machines, connections: {}, planned: [], ...options },
    )
    this.outcome = 'done'
    return this.calls
  }

  private exec(answers: Answer[]): Parameters<typeof apply>[0]['exec'] {
    return async (program, words = [], options = {}) => {
      if (!program.endsWith('ansible-playbook')) return { code: 0, stdout: '', stderr: '' }
      this.calls.push(
        words
          .slice(3)
          .filter((word) => word !== '--diff')
          .join(' '),
      )
      const { code = 0, events = [], meanwhile } = answers.shift() ?? {}
      meanwhile?.()
      for (const event of events) options.onEvent?.(JSON.stringify(event))
      return { code, stdout: '', stderr: '' }
    }
  }
}

export const step = { event: 'task', task: 't', name: 'Start', role: 'web', path: 'ansible/roles/web/tasks/main.yml:4' }

export function lost(host: string): Answer {
  return { code: 4, events: [step, { event: 'unreachable', task: 't', host, msg: 'no route' }] }
}

export function unhealthy(host: string): Answer {
  const changed = { event: 'ok', task: 't', host, changed: true }
  const diff = { event: 'diff', task: 't', host, text: '-old\n+new' }
  const failed = { event: 'failed', task: 't', host, msg: 'web: not healthy after 60 s', stdout: 'panic: no config' }
  return { code: 2, events: [step, diff, changed, { ...failed, unhealthy: true }] }
}

export function broken(host: string): Answer {
  return { code: 2, events: [step, { event: 'failed', task: 't', host, msg: 'no such module' }] }
}
