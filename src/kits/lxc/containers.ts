import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Exec } from 'lakitu'
import { asRoot } from '../host/index.ts'
import { type Owner, ownerIn, settingOf } from './owner.ts'

/** Where LXC keeps root's containers. The folders can be stat-ed by any user, their inside only by root. */
export const lxcFolder = '/var/lib/lxc'

export interface Container {
  readonly name: string
  /** Being made, or left so by a crash. */
  readonly partial: boolean
  /** Its configuration, line by line; empty where there is none. */
  readonly lines: readonly string[]
  readonly owner: Owner | undefined
  /** Without the length of the prefix. */
  readonly address: string | undefined
}

const listScript = `cd "$1" 2>/dev/null || exit 0
for folder in */; do
  [ -d "$folder" ] || continue
  echo "[\${folder%/}]"
  [ ! -e "\${folder}partial" ] || echo partial
  cat "\${folder}config" 2>/dev/null
  echo
done
`

/** All containers on this computer, whoever made them. Needs root; one small process. */
export async function readContainers(exec: Exec): Promise<readonly Container[]> {
  const { stdout } = await asRoot(exec, ['sh', '-c', listScript, 'list', lxcFolder], { silent: true })
  return parseContainers(stdout)
}

export function parseContainers(text: string): readonly Container[] {
  const sections = text.split(/^\[([^\]]+)\]$/m).slice(1)
  const containers: Container[] = []
  for (let at = 0; at + 1 < sections.length; at += 2) {
    const lines = (sections[at + 1] ?? '').split('\n').filter((line) => line !== '')
    const address = settingOf(lines, 'lxc.net.0.ipv4.address')?.split('/')[0]
    const partial = lines[0] === 'partial'
    containers.push({ name: sections[at] ?? '', partial, lines, owner: ownerIn(lines), address })
  }
  return containers
}

/** When a container's folder was made, in ns since 1970; undefined where it is not there. Its identity together with its name. */
export function bornAt(container: string): string | undefined {
  const stat = statSync(`${lxcFolder}/${container}`, { bigint: true, throwIfNoEntry: false })
  if (!stat) return undefined
  // Some file systems know no time of birth.
  return stat.birthtimeNs > 0n ? `${stat.birthtimeNs}` : `inode-${stat.ino}`
}

/** Which of the containers run: LXC's monitors listen on abstract sockets, which every user can see. */
export function running(
  containers: readonly string[],
  table = readFileSync('/proc/net/unix', 'utf8'),
): ReadonlySet<string> {
  const sockets = new Set(table.split('\n').map((line) => line.slice(line.lastIndexOf(' ') + 1)))
  return new Set(containers.filter((name) => sockets.has(`@${lxcFolder}/${name}/command`)))
}

/** Whether anybody's lxc-create is at work on this computer. */
export function isMaking(): boolean {
  return readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && nameOf(pid) === 'lxc-create')
}

function nameOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined // it ended meanwhile
  }
}
