import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { LakituError } from 'lakitu'

/** Where the parts are, relative to the project's root. */
export interface AnsibleProject {
  /** Folder with ansible.cfg, the playbook and the roles; default `ansible`. */
  readonly folder?: string
  /** The virtual environment; default `.cache/venv`. */
  readonly venv?: string
  /** The generated inventory; default `.cache/cluster/inventory`. */
  readonly inventory?: string
  /** Ansible's own home, so that no plugin of the user's runs here; default `.cache/ansible`. */
  readonly home?: string
}

export type Layout = Required<AnsibleProject>

export function layoutOf(project: AnsibleProject = {}): Layout {
  return {
    folder: project.folder ?? 'ansible',
    venv: project.venv ?? '.cache/venv',
    inventory: project.inventory ?? '.cache/cluster/inventory',
    home: project.home ?? '.cache/ansible',
  }
}

/**
 * Cuts Ansible off from the user's own: with ANSIBLE_CONFIG neither ~/.ansible.cfg nor /etc/ansible is read, and without
 * ANSIBLE_HOME it would still run plugins out of ~/.ansible. No ANSIBLE_* of the caller gets through `ctx.exec`.
 */
export function environmentOf(root: string, layout: Layout): Readonly<Record<string, string>> {
  const folder = resolve(root, layout.folder)
  return {
    ANSIBLE_CONFIG: join(folder, 'ansible.cfg'),
    ANSIBLE_HOME: resolve(root, layout.home),
    ANSIBLE_ROLES_PATH: join(folder, 'roles'),
    ANSIBLE_COLLECTIONS_PATH: join(folder, 'collections'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: controlFolder(root),
    ANSIBLE_NOCOLOR: '1',
    LAKITU_EVENTS_FD: '3',
    // For `ansible` itself; `ansible-playbook` loads callback plugins anyway.
    ANSIBLE_LOAD_CALLBACK_PLUGINS: '1',
    // Compiled plugins would lie among the sources, and count as changed ones.
    PYTHONDONTWRITEBYTECODE: '1',
    // Ansible refuses to start without UTF-8; macOS has no C.UTF-8, but is UTF-8 anyway.
    ...(process.platform === 'linux' ? { LC_ALL: 'C.UTF-8' } : {}),
  }
}

/**
 * The folder of the ssh sockets: outside the project, since a path of 108 bytes is too long for a socket, and ssh adds a
 * name of its own. One per project, so that two clusters never share a connection.
 */
export function controlFolder(root: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12)
  const name = `lakitu-${userInfo().uid}-${hash}`
  const bases = [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']
  const base = bases.find((path) => path?.startsWith('/') && path.length + name.length < 78 && usable(path)) ?? '/tmp'
  return join(base, name)
}

function usable(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** Makes the folder, and refuses one that another user has put in its place. */
export function makeControlFolder(root: string): void {
  const path = controlFolder(root)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  if (found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0) return
  throw new LakituError({
    code: 'E_CONTROL_FOLDER',
    headline: 'The folder for ssh connections is not private',
    facts: { folder: path, owner: String(found.uid), mode: (found.mode & 0o777).toString(8) },
    next: `Remove it, then run the same command again.\nrm -r ${path}`,
    family: 'world',
  })
}
