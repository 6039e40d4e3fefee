import { readFileSync } from 'node:fs'
import { archives } from '../adapters/archives/archives.ts'
import { systemClock } from '../adapters/clock.ts'
import { gotHttp } from '../adapters/http/got.ts'
import { nodeDisk } from '../adapters/node-disk.ts'
import { realProcesses } from '../adapters/processes/execa.ts'
import { sqliteLocks } from '../adapters/sqlite-lock.ts'
import { standardTerminal } from '../adapters/terminal/terminal.ts'
import type { Ports } from '../engine/ports.ts'
import type { Terminal } from '../ports/terminal.ts'

/** The one place in which the interfaces to the world are given their real adapters. */
export function realPorts(terminal: Terminal, yes: boolean): Ports {
  // With the view in a pipe there may still be a person at the other stream.
  const facing = () => (terminal.isTerminal ? terminal : standardTerminal('stderr'))
  const boot = bootId()
  return {
    disk: nodeDisk,
    locks: sqliteLocks,
    processes: realProcesses(boot),
    http: gotHttp(),
    archives,
    clock: systemClock,
    environment: { ...process.env },
    platform: process.platform,
    arch: process.arch,
    boot,
    ask: async (question, signal) => (yes ? true : facing().ask(question, signal)),
    lendTerminal: (during) => facing().lend(during),
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
