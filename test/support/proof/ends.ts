import { expect } from 'vitest'
import type { Ending } from '../../../src/model/event.ts'
import type { Playground, Running, Told } from '../playground.ts'
import { all } from './chosen.ts'
import { drift } from './look.ts'

/** What the task said when it failed, as one text: code, headline, facts, next. */
export function errorOf(ending: Ending | undefined): string {
  return ending?.state === 'failed' ? JSON.stringify(ending.error) : `not failed: ${JSON.stringify(ending)}`
}

/** A good apply, and then the whole playbook has nothing left to do; of the chosen part, that is looked at in the end. */
export async function heals(playground: Playground, checked = all): Promise<Told> {
  const told = await playground.lakitu('apply')
  expect(told.code, told.text).toBe(0)
  if (!checked) return told
  const looked = await drift(playground)
  expect(looked.code, looked.text).toBe(0)
  return told
}

/** Index of the first event from `from` on with which the task ends. */
export function endOf(running: Running, task: string, from: number): Promise<number> {
  return running.event((e) => e.type === 'task-ended' && e.task === task && e.ending.state !== 'fresh', from)
}

export function endingAt(running: Running, i: number): Ending | undefined {
  const event = running.events[i]
  return event?.type === 'task-ended' ? event.ending : undefined
}

/** Where a step of the role is told, of a playbook that runs. */
export function step(running: Running, role: string): Promise<number> {
  return running.event((e) => {
    return e.type === 'task-progress' && e.task === 'apply' && JSON.stringify(e.progress).includes(`${role}: `)
  })
}
