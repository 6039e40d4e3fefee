import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Why three real hosts cannot be made on this machine; undefined where they can. */
export function missingForHosts(): string | undefined {
  if (process.platform !== 'linux') return 'the suite makes LXC hosts, which needs Linux'
  if (process.getuid?.() !== 0) return 'the suite makes bridges and containers, which needs root'
  const packages = {
    'lxc-start': 'lxc',
    vagrant: 'vagrant vagrant-lxc',
    debootstrap: 'debootstrap',
    ssh: 'openssh-client',
  }
  const absent = Object.entries(packages).filter(([program]) => !onPath(program))
  if (absent.length > 0) {
    const names = absent.map(([, name]) => name).join(' ')
    return `not installed: apt-get install --no-install-recommends ${names} python3-venv`
  }
  const can = spawnSync('unshare', ['-m', 'true']).status === 0
  return can ? undefined : 'this place may not make mount namespaces (unshare -m true fails)'
}

/** Why nothing with real Nomad is run; undefined where a binary is given. */
export function missingForNomad(): string | undefined {
  const file = process.env['LAKITU_TEST_NOMAD']
  if (file === undefined) return 'set LAKITU_TEST_NOMAD to the path of a Nomad 2.0 binary to run them'
  try {
    accessSync(file, constants.X_OK)
    return undefined
  } catch {
    return `LAKITU_TEST_NOMAD names ${file}, which is not an executable file`
  }
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
