/** A process of its own that takes the lock of a folder, says so, and keeps it until it is killed. */
import { sqliteLocks } from '../../src/adapters/sqlite-lock.ts'

const [, , folder = '.'] = process.argv
const held = sqliteLocks.take(folder, { pid: process.pid, command: 'apply', since: Date.now() })
console.log(held ? 'held' : 'refused')
if (held) setInterval(() => held, 60_000)
