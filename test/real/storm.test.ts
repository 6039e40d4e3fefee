import { renameSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForHosts, missingForNomad } from '../support/machine.ts'
import { Playground, type Running } from '../support/playground.ts'
import { drift } from '../support/proof/look.ts'
import { containersOf } from '../support/proof/machines.ts'
import { type Random, random } from '../support/random.ts'
import { until } from '../support/until.ts'

const name = 'lkstorm'
const edits = Number(process.env['STORM'] ?? 500)
const seed = Number(process.env['SEED'] ?? 1)
const hasNomad = missingForNomad() === undefined
const nomad = hasNomad ? { LAKITU_NOMAD: process.env['LAKITU_TEST_NOMAD'] ?? '' } : {}
const roles = hasNomad ? ['consul', 'nomad'] : ['consul']

/** On demand: `LAKITU_PROOF=all`. The storm of test/cli is the same with hosts that are folders. */
const why = process.env['LAKITU_PROOF'] === 'all' ? missingForHosts() : 'it takes ten minutes'

describe.skipIf(why !== undefined)('a storm on three real hosts', { timeout: 1_800_000 }, () => {
  let playground: Playground
  let before = new Map<string, string>()

  beforeAll(async () => {
    playground = new Playground({ name, network: '10.77.13.0/24', consul: '1.8.7', environment: nomad, warm: true })
    const told = await playground.lakitu('apply')
    expect(told.code, told.text).toBe(0)
    before = new Map(files().map((path) => [path, playground.read(path)]))
  }, 900_000)

  afterAll(async () => {
    await playground.close()
    expect(containersOf(name), 'containers left behind').toEqual([])
  }, 120_000)

  function files(): readonly string[] {
    return roles.flatMap((role) => {
      const parts = [`templates/${role}.hcl`, `templates/${role}.service`, 'tasks/main.yml', 'defaults/main.yml']
      return parts.map((part) => `ansible/roles/${role}/${part}`)
    })
  }

  /** One thing that somebody does. `n`: new each time. */
  function edit(chance: Random, n: number): void {
    const path = chance.pick(files())
    const extra = `ansible/roles/${chance.pick(roles)}/files/extra`
    const change = (text: (old: string) => string) => playground.edit(path, text)
    const does = {
      comment: () => change((text) => `${text.replace(/(\n# storm \d+)+\n$/, '\n')}# storm ${n}\n`),
      value: () => {
        const from = 'ansible/roles/consul/templates/consul.hcl'
        playground.edit(from, (text) => text.replace(/retry_interval = "\d+s"/, `retry_interval = "${1 + (n % 5)}s"`))
      },
      back: () => change(() => before.get(path) ?? ''),
      bad: () => playground.edit('ansible/roles/consul/templates/consul.hcl', (text) => `${text}bogus = = ${n}\n`),
      extra: () => playground.write(extra, `${n}\n`),
      rename: () => move(playground.path(extra), playground.path(`${extra}.moved`)),
      remove: () => rmSync(playground.path(`${extra}.moved`), { force: true }),
    }
    does[
      chance.pick([
        'comment',
        'comment',
        'comment',
        'value',
        'back',
        'back',
        'bad',
        'extra',
        'rename',
        'remove',
      ] as const)
    ]()
  }

  test('ends with hosts on which the whole playbook has nothing to do', async () => {
    const chance = random(seed)
    let running = playground.start('watch apply')
    const runs: string[] = []
    const end = async (signal: NodeJS.Signals) => {
      running.child.kill(signal)
      const { events } = await running.ended
      runs.push(...events.flatMap((e) => (e.type === 'task-log' && e.task === 'apply' ? [e.line] : [])))
    }
    let kills = 0
    for (let n = 0; n < edits; n += 1) {
      edit(chance, n)
      // The pace of the storm: often too fast for a run, sometimes slow enough for one.
      await sleep(chance.int(chance.chance(0.1) ? 12_000 : 1000))
      if (!chance.chance(0.02)) continue
      kills += 1
      await end('SIGKILL')
      running = playground.start('watch apply')
    }
    await running.event((e) => e.type === 'watch-idle')
    const from = running.events.length
    for (const [path, text] of before) playground.write(path, `${text}# the last edit\n`)
    await until('the last edit', () => isOver(running, from), 300_000)
    await end('SIGINT')
    const looked = await drift(playground)
    expect(looked.code, `SEED=${seed} ${looked.text}`).toBe(0)
    expect((await playground.lakitu('apply')).ran).not.toContain('apply')
    const plans = runs.filter(
      (line) => / on lakitu|nothing to apply/.test(line) && !line.includes('→') && !/changed/.test(line),
    )
    const parts = plans.filter((line) => !/whole playbook|nothing/.test(line))
    console.log(`${edits} edits, ${kills} kills, ${plans.length} applies, ${parts.length} of them a part`)
  })
})

/** Idle and healthy after an apply that an edit since `from` has woken. */
function isOver({ events }: Running, from: number): boolean {
  const last = events.at(-1)
  const applied = events.findLastIndex((e) => e.type === 'task-ended' && e.task === 'apply')
  const woken = events.findLastIndex(
    (e) => e.type === 'watch-woken' && e.paths.some((path) => path.endsWith('consul.hcl')),
  )
  return last?.type === 'watch-idle' && last.healthy && woken >= from && applied > woken
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // It is not there.
  }
}
