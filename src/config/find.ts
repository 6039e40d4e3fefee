import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { LakituError } from '../model/error.ts'

export interface ConfigPlace {
  /** Absolute, links resolved. */
  readonly root: string
  /** Absolute path of the config. */
  readonly file: string
}

const names = ['lakitu.config.ts', 'lakitu.config.mts', 'lakitu.config.js', 'lakitu.config.mjs']

/** The config that is named, or the nearest one in the folder and those above. Error: E_NO_CONFIG. */
export function findConfig(cwd: string, named: string | undefined): ConfigPlace {
  if (!existsSync(cwd)) throw noFolder(cwd)
  if (named !== undefined) {
    const file = resolve(cwd, named)
    if (existsSync(file) && statSync(file).isFile()) return place(file)
    throw noConfig(`There is no config ${named}`, cwd)
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file))
    if (found !== undefined && kindAt(found) !== 'file') throw noFile(found)
    if (found !== undefined) return place(found)
    if (folder === dirname(folder)) throw noConfig('There is no lakitu.config.ts here or in a folder above', cwd)
  }
}

function kindAt(path: string): string {
  const stats = statSync(path)
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isFIFO() ? 'pipe' : 'device'
}

function noFile(path: string): LakituError {
  return new LakituError({
    code: 'E_CONFIG',
    headline: `The config ${path} is no file but a ${kindAt(path)}`,
    next: 'Move it away, or name the config: lakitu --config <file> …',
    family: 'usage',
  })
}

function place(file: string): ConfigPlace {
  const root = realpathSync(dirname(file))
  return { root, file: join(root, basename(file)) }
}

function noFolder(folder: string): LakituError {
  return new LakituError({
    code: 'E_NO_FOLDER',
    headline: `There is no folder ${folder}`,
    next: 'Name one that is there: lakitu -C <dir> …',
    family: 'usage',
  })
}

function noConfig(headline: string, cwd: string): LakituError {
  return new LakituError({
    code: 'E_NO_CONFIG',
    headline,
    facts: { folder: cwd },
    next: 'Go to the folder of the project, or name the config: lakitu --config <file> …',
    family: 'usage',
  })
}
