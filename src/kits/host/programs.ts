import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where root's programs are, which many users do not have in PATH. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Whether a program can be found, in PATH or among root's programs. Costs microseconds and starts nothing. */
export function hasProgram(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders]
  return folders.some((folder) => folder !== '' && isProgram(join(folder, program)))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // not there, or not for us: both mean that it cannot be run
  }
}

/** Where Vagrant keeps what belongs to the user. */
export function vagrantHome(): string {
  return process.env['VAGRANT_HOME'] ?? join(homedir(), '.vagrant.d')
}

/** Whether Vagrant has the plugin, from the distribution or installed by the user. */
export function hasVagrantPlugin(plugin: string): boolean {
  return gemFolders(plugin, gemRoots()).length > 0
}

/** Folders of an installed gem, in every version; of Vagrant itself too. */
export function gemFolders(gem: string, roots: readonly string[] = gemRoots()): readonly string[] {
  const version = new RegExp(`^${gem}-\\d`)
  return roots.flatMap((root) =>
    entries(root)
      .filter((name) => version.test(name))
      .map((name) => join(root, name)),
  )
}

function gemRoots(): readonly string[] {
  const home = join(vagrantHome(), 'gems')
  return [
    '/usr/share/rubygems-integration/all/gems',
    '/usr/share/gems/gems',
    '/opt/vagrant/embedded/gems/gems',
    ...versions('/opt/vagrant/embedded/gems'),
    ...versions('/usr/lib/ruby/gems'),
    ...versions(home),
  ]
}

/** `<root>/<version>/gems`. */
function versions(root: string): readonly string[] {
  return entries(root)
    .filter((name) => /^\d/.test(name))
    .map((name) => join(root, name, 'gems'))
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // this system keeps its gems elsewhere
  }
}
