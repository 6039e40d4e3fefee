/** A process of its own that takes the lock of a folder, says so, and keeps it until it is killed. */
import { tryLock } from '../../src/state/lock.ts'

const [, , folder = '.'] = process.argv
const held = tryLock(folder, { pid: process.pid, command: 'apply', since: Date.now() })
console.log(held ? 'held' : 'refused')
if (held) setInterval(() => held, 60_000)
