import { expect, test } from 'vitest'
import type { Playground } from '../playground.ts'
import { all } from './chosen.ts'
import { errorOf, heals, step } from './ends.ts'
import { linesOf } from './look.ts'
import { type HostName, lxc, stateOf } from './machines.ts'

const config = 'ansible/roles/consul/templates/consul.hcl'

/** Runs an edit, takes the host away while the role consul is on its way, and answers what was told of it. */
async function lose(it: Playground, host: HostName, take: (container: string) => void) {
  it.edit(config, (text) => `${text}# Edited before ${host} is lost.\n`)
  const running = it.start('apply --force')
  const seen = await step(running, 'consul')
  take(`${it.options.name}-${host}`)
  const lostAt = running.events[seen]?.at ?? 0
  const told = await running.ended
  expect(told.code, told.text).toBe(3)
  const said = errorOf(told.endings['apply'])
  expect(said).toMatch('E_HOST_DOWN')
  expect(said).toMatch(`${host} did not answer over ssh: the other hosts are applied, and this is owed`)
  const others = ['lakitu', 'spiney1', 'spiney2'].filter((other) => other !== host).join(' and ')
  const lines = linesOf(told, 'apply')
  expect(lines.join('\n')).toMatch(`consul: Configuration: changed on ${others}`)
  const unreachable = told.events.find((e) => e.type === 'task-log' && e.line.includes(`unreachable on ${host}`))
  return { told, seconds: ((unreachable?.at ?? Number.POSITIVE_INFINITY) - lostAt) / 1000 }
}

export function lostHosts(playground: () => Playground): void {
  test('a host that dies in the middle of a playbook does not keep the others, and gets its share when it is back', async () => {
    const it = playground()
    await lose(it, 'spiney2', (container) => lxc('lxc-stop', '-k', '-n', container))
    const healed = await heals(it)
    expect(healed.ran).toContain('vm-up')
    expect(linesOf(healed, 'apply').join('\n')).toMatch(/spiney2 .*→ the whole playbook/)
    expect(stateOf(it.options.name, 'spiney2')).toBe('RUNNING')
  })

  test.skipIf(!all)(
    'a host that freezes in the middle is given up within half a minute, and healed once it thaws',
    async () => {
      const it = playground()
      const { seconds } = await lose(it, 'spiney1', (container) => lxc('lxc-freeze', '-n', container))
      expect(seconds).toBeLessThan(30)
      const healed = await heals(it)
      expect(healed.ran).toContain('vm-up')
      expect(stateOf(it.options.name, 'spiney1')).toBe('RUNNING')
    },
  )

  test.skipIf(!all)('a host that is frozen before an apply is thawed by it', async () => {
    const it = playground()
    lxc('lxc-freeze', '-n', `${it.options.name}-spiney1`)
    it.edit(config, (text) => `${text}# Edited while it is frozen.\n`)
    const healed = await heals(it)
    expect(healed.ran).toContain('vm-up')
    expect(stateOf(it.options.name, 'spiney1')).toBe('RUNNING')
  })
}
