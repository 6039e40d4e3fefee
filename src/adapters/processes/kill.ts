import { spawnSync } from 'node:child_process'

/** What becomes of a signal. `denied`: the process is another user's. */
export type Sent = 'sent' | 'gone' | 'denied'

/** How signals are sent. */
export interface Hands {
  /** To one process, or with a negative pid to its group; 0 only asks. */
  send(pid: number, name: NodeJS.Signals | 0): Sent
  /** As root. Asks nobody for anything, and does nothing where that would be needed. */
  sendAsRoot(pids: readonly number[], name: NodeJS.Signals): void
}

export const realHands: Hands = {
  send: (pid, name) => {
    try {
      process.kill(pid, name)
      return 'sent'
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return 'gone'
      if (error instanceof Error && 'code' in error && error.code === 'EPERM') return 'denied'
      throw error
    }
  },
  sendAsRoot: (pids, name) => {
    const words = ['-n', 'kill', '-s', name.slice('SIG'.length), '--', ...pids.map(String)]
    spawnSync('sudo', words, { stdio: 'ignore', timeout: 5000 })
  },
}

/** To each of them: to those of another user (`sudo …`) by way of sudo, where that needs no password. */
export function signalAll(pids: readonly number[], name: NodeJS.Signals, hands: Hands = realHands): void {
  const denied = pids.filter((pid) => hands.send(pid, name) === 'denied')
  if (denied.length > 0) hands.sendAsRoot(denied, name)
}

/** To a whole group; of its members those of another user are not reached by the one signal. */
export function signalGroup(
  group: number,
  members: readonly number[],
  name: NodeJS.Signals,
  hands: Hands = realHands,
): void {
  hands.send(-group, name)
  const denied = members.filter((pid) => hands.send(pid, 0) === 'denied')
  if (denied.length > 0) hands.sendAsRoot(denied, name)
}
