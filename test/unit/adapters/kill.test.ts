import { expect, test } from 'vitest'
import { type Hands, type Sent, signalAll, signalGroup } from '../../../src/adapters/processes/kill.ts'

/** Writes down what is sent; these pids belong to root. */
function hands(roots: readonly number[]): Hands & { readonly told: string[] } {
  const told: string[] = []
  return {
    told,
    send: (pid, name): Sent => {
      told.push(`${name} ${pid}`)
      return roots.includes(pid) ? 'denied' : pid === 404 ? 'gone' : 'sent'
    },
    sendAsRoot: (pids, name) => void told.push(`sudo ${name} ${pids.join(' ')}`),
  }
}

test("each gets the signal, and root's own by way of sudo, once for all of them", () => {
  const both = hands([20, 21])
  signalAll([10, 20, 404, 21], 'SIGTERM', both)
  expect(both.told).toEqual(['SIGTERM 10', 'SIGTERM 20', 'SIGTERM 404', 'SIGTERM 21', 'sudo SIGTERM 20 21'])
})

test('without any of them nobody is asked to be root', () => {
  const mine = hands([])
  signalAll([10, 404], 'SIGKILL', mine)
  signalGroup(10, [10, 11], 'SIGTERM', mine)
  expect(mine.told.filter((line) => line.startsWith('sudo'))).toEqual([])
})

test('a group is told as a whole; a member that this does not reach is told by way of sudo', () => {
  const group = hands([11])
  signalGroup(10, [10, 11], 'SIGINT', group)
  expect(group.told).toEqual(['SIGINT -10', '0 10', '0 11', 'sudo SIGINT 11'])
})
