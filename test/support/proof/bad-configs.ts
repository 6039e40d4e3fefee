import { expect, test } from 'vitest'
import type { Playground } from '../playground.ts'
import { errorOf, heals } from './ends.ts'
import { linesOf } from './look.ts'
import { hosts, onHost } from './machines.ts'

const config = 'ansible/roles/consul/templates/consul.hcl'
const unit = 'ansible/roles/consul/templates/consul.service'

/** What the agents would read and which process does. */
function consuls(name: string): readonly string[] {
  const words = 'cat /etc/consul.d/* /etc/systemd/system/consul.service | sha256sum; pidof consul'
  return hosts.map((host) => onHost(name, host, 'sh', '-c', words))
}

export function badConfigs(playground: () => Playground): void {
  test('a configuration that its validator refuses reaches no host, and the good one heals', async () => {
    const it = playground()
    const [good, before] = [it.read(config), consuls(it.options.name)]
    it.write(config, `${good}\nno_such_key = "by the proof"\n`)
    const told = await it.lakitu('apply')
    it.write(config, good)
    expect(told.code, told.text).toBe(1)
    const said = errorOf(told.endings['apply'])
    for (const word of ['E_ANSIBLE_TASK', 'consul: Configuration failed on', 'failed to validate', 'no_such_key'])
      expect(said).toMatch(word)
    expect(consuls(it.options.name)).toEqual(before)
    const healed = await heals(it)
    expect(linesOf(healed, 'apply').join('\n')).toMatch('role consul did not end well the last time')
    expect(consuls(it.options.name)).toEqual(before)
  })

  test('a unit with which the agent does not start is tried once more, told with its log, and owed', async () => {
    const it = playground()
    const good = it.read(unit)
    it.edit(unit, (text) => text.replace('consul agent ', 'consul agent -no-such-flag '))
    const told = await it.lakitu('apply')
    it.write(unit, good)
    expect(told.code, told.text).toBe(1)
    const said = errorOf(told.endings['apply'])
    expect(said).toMatch('E_UNHEALTHY')
    expect(said, 'what was changed').toMatch(/"changed":"[^"]*consul: Unit/)
    expect(said, 'the end of its log').toMatch('flag provided but not defined: -no-such-flag')
    const again = told.events.filter((e) => e.type === 'notice' && e.text.includes('once more with the whole playbook'))
    expect(again, told.text).toHaveLength(1)
    const healed = await heals(it)
    expect(linesOf(healed, 'apply').join('\n')).toMatch(/did not end well the last time|is not as it was left: consul/)
  })
}
