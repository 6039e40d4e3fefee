import { readFileSync } from 'node:fs'
import type { Exec } from 'lakitu'
import { hasProgram } from '../host/index.ts'

/** What debootstrap is to make: a release, and where its packages come from (none: debootstrap's own choice). */
export interface Suite {
  readonly release: string
  readonly mirror?: string
}

/** The release for computers whose own is not one of Debian's kind. */
const fallback: Suite = { release: 'bookworm' }

/** This computer's own release from its own mirror: what it can certainly reach. */
export async function suiteHere(exec: Exec): Promise<Suite> {
  const release = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(readOs())?.[1]
  if (release === undefined || !hasProgram('apt-get')) return fallback
  const format = '$(RELEASE)|$(COMPONENT)|$(REPO_URI)'
  const { stdout } = await exec('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    silent: true,
  })
  const mirror = mirrorOf(stdout, release)
  return mirror === undefined ? fallback : { release, mirror }
}

/** The address of a release's component main, from lines of `release|component|address`. */
export function mirrorOf(targets: string, release: string): string | undefined {
  for (const line of targets.split('\n')) {
    const [of, component, address] = line.split('|')
    if (of === release && component === 'main' && address && /^(https?|ftp|file):/.test(address)) return address
  }
  return undefined
}

function readOs(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8')
  } catch {
    return '' // not there on every system: then the fallback is used
  }
}
