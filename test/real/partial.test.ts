import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForHosts, missingForNomad } from '../support/machine.ts'
import { Playground } from '../support/playground.ts'
import { cases, prepare } from '../support/proof/cases.ts'
import { groups, plans } from '../support/proof/chosen.ts'
import { changedIn, drift, planIn } from '../support/proof/look.ts'
import { containersOf, hosts } from '../support/proof/machines.ts'
import { troubles } from '../support/proof/troubles.ts'

const name = 'lkproof'
const nomad = missingForNomad() === undefined ? { LAKITU_NOMAD: process.env['LAKITU_TEST_NOMAD'] ?? '' } : {}

interface Row {
  readonly edit: string
  readonly plan: string
  readonly seconds: number
  readonly changed: readonly string[]
}

/** From a converged cluster: an edit, an apply that plans for itself, and the whole playbook in check mode, which must have nothing left to do. */
describe.skipIf(missingForHosts() !== undefined)('an apply of a part', { timeout: 600_000 }, () => {
  let playground: Playground
  const rows: Row[] = []
  let checks = 0

  beforeAll(async () => {
    playground = new Playground({ name, network: '10.77.11.0/24', consul: '1.8.7', environment: nomad, warm: true })
    prepare(playground)
    const told = await playground.lakitu('role-lint apply')
    expect(told.code, told.text).toBe(0)
  }, 900_000)

  afterAll(async () => {
    await playground.close()
    console.log(table(rows, checks))
    expect(containersOf(name), 'containers left behind').toEqual([])
  }, 120_000)

  test.for(groups())('leaves nothing to the whole playbook after: $title', async ({ names }) => {
    for (const one of names) {
      const found = cases.find((each) => each.name === one)
      if (!found) throw new Error(`there is no case ${one}`)
      found.edit(playground)
      const told = await playground.lakitu('apply')
      expect(told.code, told.text).toBe(0)
      const plan = planIn(told, hosts)
      rows.push({ edit: one, plan, seconds: told.ms / 1000, changed: changedIn(told) })
      expect.soft(plan, told.text).toBe(plans[one] ?? plan)
    }
    const looked = await drift(playground)
    checks++
    expect(looked.code, looked.text).toBe(0)
    expect(looked.text).toMatch('every host is as ansible/ says')
  })

  troubles(() => playground)
})

function table(rows: readonly Row[], checks: number): string {
  const width = Math.max(...rows.map(({ edit }) => edit.length), 4)
  const lines = rows.map(({ edit, plan, seconds, changed }) => {
    return `${edit.padEnd(width)}  ${seconds.toFixed(1).padStart(5)} s  ${plan}; changed: ${changed.join(', ') || 'nothing'}`
  })
  return [`${rows.length} edits, ${checks} checks of the whole playbook`, ...lines].join('\n')
}
