import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Playground, Running } from '../playground.ts'
import { heals } from './ends.ts'
import { planIn } from './look.ts'
import { hosts } from './machines.ts'

const config = 'ansible/roles/consul/templates/consul.hcl'

/** Says where it was run, and breaks the run. */
function poison(marker: string): string {
  return `open(${JSON.stringify(marker)}, 'a').write(__file__ + '\\n')\nraise SystemExit('a plugin of the user')\n`
}

/** A home folder with Ansible's own configuration and plugins of somebody who uses it for other things. */
function poisonedHome(it: Playground): string {
  const [home, marker] = ['home-of-the-user', it.path('poisoned')]
  const settings = ['forks = 1', 'remote_user = nobody', 'stdout_callback = poison', 'callbacks_enabled = poison']
  it.write(`${home}/.ansible.cfg`, `[defaults]\n${settings.join('\n')}\n[privilege_escalation]\nbecome_user = nobody\n`)
  for (const place of [
    'callback/poison',
    'callback/lakitu',
    'action/written',
    'action/agent',
    'modules/agent',
    'lookup/template',
  ])
    it.write(`${home}/.ansible/plugins/${place}.py`, poison(marker))
  it.write(`${home}/.ansible/roles/consul/tasks/main.yml`, '- name: Of the user\n  ansible.builtin.fail:\n')
  return it.path(home)
}

export function usersOwn(playground: () => Playground): void {
  test('what a user has in the home folder for Ansible has no say', async () => {
    const it = playground()
    const HOME = poisonedHome(it)
    it.edit(config, (text) => `${text}# Edited under another home.\n`)
    const told = await it.lakitu('apply', {
      HOME,
      ANSIBLE_FORKS: '1',
      ANSIBLE_LIBRARY: `${HOME}/.ansible/plugins/modules`,
    })
    expect(told.code, told.text).toBe(0)
    expect(planIn(told, hosts)).toBe('consul:file:consul.hcl')
    expect(existsSync(it.path('poisoned'))).toBe(false)
    await heals(it, true)
  })
}

function applied(watch: Running): number {
  return watch.events.filter((e) => e.type === 'task-ended' && e.task === 'apply' && e.ending.state === 'done').length
}

export function twoWatches(playground: () => Playground): void {
  test('of two watches one applies an edit, once, and both live', async () => {
    const it = playground()
    const first = it.start('watch')
    await first.event((e) => e.type === 'watch-idle')
    const second = it.start('watch')
    const idle = await second.event((e) => e.type === 'watch-idle')
    const [had, begun] = [applied(first) + applied(second), first.events.length]
    it.edit(config, (text) => `${text}# Edited under two watches.\n`)
    await Promise.all([
      first.event((e) => e.type === 'watch-idle' && e.healthy, begun),
      second.event((e) => e.type === 'watch-idle' && e.healthy, idle + 1),
    ])
    expect(applied(first) + applied(second) - had).toBe(1)
    for (const watch of [first, second]) {
      expect(watch.child.exitCode).toBeNull()
      watch.child.kill('SIGINT')
      expect((await watch.ended).code).toBe(130)
    }
    await heals(it)
  })
}
