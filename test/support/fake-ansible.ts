/**
 * In place of ansible-playbook, for storms: plays roles of a few plain modules on hosts that are folders, `world/<host>`. Each task is a step
 * that reads its files anew, so that edits and kills come in between. FAKE_WORLD: another folder. FAKE_PAUSE: most ms before a step.
 *
 * `template` (src, dest), `purge` (path, keep) and `agent` (path: writes down what it found there, as an agent does that was started).
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'

const { values } = parseArgs({
  options: {
    i: { type: 'string', short: 'i' },
    tags: { type: 'string' },
    limit: { type: 'string' },
    diff: { type: 'boolean' },
  },
  allowPositionals: true,
})
const world = process.env['FAKE_WORLD'] ?? 'world'
const pause = Number(process.env['FAKE_PAUSE'] ?? 0)
const tags = values.tags?.split(',')
const everyone = Object.keys(read('inventory/hosts.yml').all.hosts)
const hosts = values.limit?.split(',') ?? everyone

// biome-ignore lint/suspicious/noExplicitAny: what a YAML file holds
function read(path: string): any {
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) ?? {}) : {}
}

function tell(event: Readonly<Record<string, unknown>>): void {
  writeSync(3, `${JSON.stringify(event)}\n`)
}

function render(text: string, host: string, roles: readonly string[]): string {
  const all = [
    ...roles.map((role) => read(`ansible/roles/${role}/defaults/main.yml`)),
    read('ansible/group_vars/all.yml'),
    read(`ansible/host_vars/${host}.yml`),
  ]
  const vars: Readonly<Record<string, unknown>> = Object.assign({ inventory_hostname: host }, ...all)
  const fill = (part: string): string =>
    part.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => {
      if (!(name in vars)) throw new Error(`'${name}' is undefined`)
      return fill(String(vars[name]))
    })
  return fill(text)
}

// biome-ignore lint/suspicious/noExplicitAny: a task as its file has it
function play(task: any, role: string, host: string, roles: readonly string[]): void {
  const place = (path: string) => join(world, host, path)
  if (task.template) {
    const text = render(readFileSync(`ansible/roles/${role}/templates/${task.template.src}`, 'utf8'), host, roles)
    if (text.includes('REFUSED')) throw new Error('failed to validate')
    mkdirSync(dirname(place(task.template.dest)), { recursive: true })
    writeFileSync(place(task.template.dest), text)
  } else if (task.purge) {
    const found = existsSync(place(task.purge.path)) ? readdirSync(place(task.purge.path)) : []
    for (const name of found) if (!task.purge.keep.includes(name)) rmSync(join(place(task.purge.path), name))
  } else if (task.agent) {
    const found = existsSync(place(task.agent.path)) ? readdirSync(place(task.agent.path)).sort() : []
    const texts = found.map((name) => readFileSync(join(place(task.agent.path), name)))
    mkdirSync(world, { recursive: true })
    writeFileSync(place(`${role}.started`), createHash('sha256').update(Buffer.concat(texts)).digest('hex'))
  }
}

async function main(): Promise<number> {
  const entries = read('ansible/playbook.yml')[0].roles
  const roles: readonly string[] = entries.map((entry: { role: string }) => entry.role)
  for (const entry of entries) {
    for (const task of read(`ansible/roles/${entry.role}/tasks/main.yml`)) {
      const own = [...entry.tags, ...(task.tags ?? [])]
      if (tags && !own.some((tag) => tags.includes(tag))) continue
      tell({ event: 'task', task: task.name, name: task.name, role: entry.role, path: '' })
      for (const host of hosts) {
        if (pause > 0) await sleep(Math.random() * pause)
        try {
          play(task, entry.role, host, roles)
          tell({ event: 'ok', task: task.name, host, changed: true })
        } catch (error) {
          tell({ event: 'failed', task: task.name, host, msg: String(error) })
          return 2
        }
      }
    }
  }
  return 0
}

process.exitCode = await main()
