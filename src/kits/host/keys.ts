import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LakituError } from 'lakitu'
import { gemFolders, vagrantHome } from './programs.ts'

/** The lines of Vagrant's well-known public keys, which boxes let in. Fails with E_NO_VAGRANT_KEY. */
export function vagrantPublicKeys(): string {
  const files = keyFolders().flatMap((folder) => named(folder, /^vagrant\.pub(\.\w+)?$/))
  if (files.length === 0) throw noKey('public')
  return [...new Set(files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n')))].join('\n')
}

/** The path of Vagrant's well-known private key. Its mode may be too open for ssh. Fails with E_NO_VAGRANT_KEY. */
export function vagrantPrivateKey(): string {
  const home = vagrantHome()
  const [file] = [
    ...keyFolders().flatMap((folder) => named(folder, /^vagrant(\.key\.rsa)?$/)),
    ...named(home, /^insecure_private_key$/),
    ...named(join(home, 'insecure_private_keys'), /^vagrant\.key\.rsa$/),
  ]
  if (file === undefined) throw noKey('private')
  return file
}

function keyFolders(): readonly string[] {
  return [...gemFolders('vagrant').map((gem) => join(gem, 'keys')), '/usr/share/vagrant/keys']
}

function named(folder: string, pattern: RegExp): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => join(folder, name))
  } catch {
    return [] // this Vagrant keeps its keys elsewhere
  }
}

function noKey(which: 'public' | 'private'): LakituError {
  return new LakituError({
    code: 'E_NO_VAGRANT_KEY',
    family: 'world',
    headline: `Vagrant's well-known ${which} key was not found`,
    next: 'Install Vagrant from your distribution or from its site, then run the same command again.',
  })
}
