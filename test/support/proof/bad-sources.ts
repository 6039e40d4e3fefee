import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Playground, Running } from '../playground.ts'
import { endingAt, endOf, errorOf, heals } from './ends.ts'
import { linesOf } from './look.ts'

const [role, away] = ['ansible/roles/consul', 'ansible/consul-away']
const tasks = `${role}/tasks/main.yml`
const template = `${role}/templates/consul.hcl`

interface Bad {
  readonly code: string
  /** In the headline. */
  readonly where: RegExp
  readonly breaks: (playground: Playground) => void
}

const bad: readonly Bad[] = [
  {
    code: 'E_YAML',
    where: /ansible\/roles\/consul\/tasks\/main\.yml:\d+/,
    breaks: (it) => it.edit(tasks, (text) => `${text}\n- name: "Not closed\n`),
  },
  {
    code: 'E_JINJA',
    where: /ansible\/roles\/consul\/templates\/consul\.hcl:\d+/,
    breaks: (it) => it.edit(template, (text) => `${text}# {{ datacenter\n`),
  },
  {
    code: 'E_NO_ROLE',
    where: /consul/,
    breaks: (it) => renameSync(it.path(role), it.path(away)),
  },
  {
    code: 'E_NOT_UTF8',
    where: /consul\.hcl/,
    breaks: (it) => writeFileSync(it.path(template), Buffer.from([0x23, 0xff, 0xfe, 0x0a])),
  },
]

/** A watch tells of what it cannot read, begins nothing on the hosts, lives on, and applies what is mended. */
export function badSources(playground: () => Playground): void {
  test('a watch outlives a YAML error, a Jinja error, a role that is gone and a file that is not UTF-8', async () => {
    const it = playground()
    const watching = it.start('watch')
    try {
      let seen = await watching.event((e) => e.type === 'watch-idle')
      for (const one of bad) seen = await outlives(it, watching, { ...one, seen })
      it.edit(template, (text) => `${text}# Mended.\n`)
      const ended = await endOf(watching, 'apply', seen + 1)
      expect(endingAt(watching, ended)).toMatchObject({ state: 'done' })
      await watching.event((e) => e.type === 'watch-idle' && e.healthy, ended)
    } finally {
      watching.child.kill('SIGINT')
    }
    expect((await watching.ended).code).toBe(130)
    await heals(it)
  })
}

/** Breaks the sources, waits for the word of it, mends them; answers where the watch is idle again. */
async function outlives(it: Playground, watching: Running, { code, where, breaks, seen }: Bad & { seen: number }) {
  const [goodTasks, goodTemplate] = [it.read(tasks), it.read(template)]
  breaks(it)
  try {
    const ended = await endOf(watching, 'apply', seen + 1)
    const said = errorOf(endingAt(watching, ended))
    expect(said).toMatch(code)
    expect(said).toMatch(where)
    expect(said).toMatch('"next"')
    expect(linesOf({ events: watching.events.slice(seen, ended) }, 'apply'), 'nothing is begun').toEqual([])
    await watching.event((e) => e.type === 'watch-idle', ended)
  } finally {
    if (existsSync(it.path(away))) renameSync(it.path(away), it.path(role))
    it.write(tasks, goodTasks)
    it.write(template, goodTemplate)
  }
  return watching.event((e) => e.type === 'watch-idle' && e.healthy, seen + 1)
}
