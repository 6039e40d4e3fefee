import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexOf } from '../../src/kits/ansible/playbook/index-of.ts'
import type { Index, Ingredient, SourceFiles, Sources } from '../../src/kits/ansible/playbook/model.ts'

type Texts = Readonly<Record<string, string | Buffer>>

/** A server and two clients. */
export const inventory: Texts = {
  'hosts.yml': `all:
  hosts: {a: {address: 10.0.0.1}, b: {address: 10.0.0.2}, c: {address: 10.0.0.3}}
  children:
    servers: {hosts: {a: }}
    clients: {hosts: {b: , c: }}
`,
}

export function sourcesOf(playbook: Texts, beside: Texts = inventory): Sources {
  return { playbook: filesOf(playbook), inventory: filesOf(beside) }
}

function filesOf(texts: Texts): SourceFiles {
  return new Map(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)]))
}

/** A play that runs these roles on all hosts, each with its tag. */
export function playOf(...roles: readonly string[]): string {
  const entries = roles.map((role) => `    - {role: ${role}, tags: [role:${role}]}\n`)
  return `- hosts: all\n  gather_facts: false\n  roles:\n${entries.join('')}`
}

export function index(playbook: Texts, beside?: Texts): Index {
  return indexOf(sourcesOf(playbook, beside))
}

/** Ingredients of a role by their names, without the folder. */
export function ingredients(found: Index, role: string): Readonly<Record<string, Ingredient>> {
  const all = found.roles.find(({ name }) => name === role)?.ingredients ?? []
  return Object.fromEntries(all.map((one) => [one.name.replace(/^(playbook|inventory):/, ''), one]))
}

export function sharedNames(found: Index): readonly string[] {
  return found.shared.map(({ name }) => name.replace(/^(playbook|inventory):/, ''))
}

/** The repository's own folder ansible/. */
export function ownPlaybook(): SourceFiles {
  const root = join(import.meta.dirname, '../../ansible')
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = found.map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.map((path) => [path.slice(root.length + 1), readFileSync(path)]))
}
