import { execFileSync } from 'node:child_process'

export const hosts = ['lakitu', 'spiney1', 'spiney2'] as const

export type HostName = (typeof hosts)[number]

export function lxc(program: string, ...args: readonly string[]): string {
  return execFileSync(program, [...args], { encoding: 'utf8' })
}

/** Runs a program on a host, whatever its ssh server thinks. */
export function onHost(cluster: string, host: HostName, ...words: readonly string[]): string {
  return lxc('lxc-attach', '-n', `${cluster}-${host}`, '--clear-env', '--', ...words)
}

export function containersOf(cluster: string): readonly string[] {
  const names = lxc('lxc-ls', '-1').split('\n')
  return names.filter((line) => line.startsWith(`${cluster}-`)).sort()
}

/** `RUNNING`, `STOPPED`, `FROZEN`. */
export function stateOf(cluster: string, host: HostName): string {
  return lxc('lxc-info', '-sH', '-n', `${cluster}-${host}`).trim()
}
