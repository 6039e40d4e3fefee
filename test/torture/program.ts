import { dirname, posix } from 'node:path'
import { sha256 } from '../../src/util/digest.ts'
import { isCode, type SimDisk } from './sim-disk.ts'
import { type Op, store } from './spec.ts'

/** The words of the argv in which a simulated program gets what it is to do. */
export function wordsOf(op: Op, cwd = '.'): readonly string[] {
  const seen = (path: string) => posix.relative(cwd, path)
  switch (op.op) {
    case 'read':
    case 'fill':
    case 'link':
      return [op.op, seen(op.path)]
    case 'list':
      return ['list', op.folder]
    case 'include':
      return ['include', op.path, op.depfile]
    case 'write':
      return [op.executable ? 'writex' : 'write', seen(op.path)]
    case 'publish':
      return ['publish', op.place]
    case 'fetch':
      return ['read', op.place]
    case 'ask':
    case 'value':
      return []
  }
}

/** A program that runs: each `next()` is one call of the system. Ends with its exit code. */
export type Running = Generator<void, number>

export interface ProgramSetting {
  readonly disk: SimDisk
  readonly cwd: string
  readonly argv: readonly string[]
  readonly salt: string
  /** Content of its own file: another version does another thing. */
  readonly version: string
  /** Only looks: nothing is written, and each path that would be read is told. */
  readonly onRead?: (path: string) => void
}

/** Reads, and writes what it read as a digest: whoever reads anything else must write something else. */
export function* run({ disk, cwd, argv, salt, version, onRead }: ProgramSetting): Running {
  let sum = sha256(`${version} ${salt} ${cwd}`)
  const mix = (text: string) => {
    sum = sha256(`${sum} ${text}`)
  }
  let bad = false
  const place = (path: string) => posix.resolve(cwd, path)
  const write = onRead ? () => {} : writeFile
  const read = (path: string) => {
    onRead?.(place(path))
    const text = textOf(disk, place(path))
    if (text?.includes('FAIL')) bad = true
    mix(`${place(path)} ${text ?? 'absent'} ${text !== undefined && isExecutable(disk, place(path)) ? 'x' : ''}`)
    return text
  }
  const words = [...argv]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const path = words.shift() ?? ''
    yield
    switch (word) {
      case 'say':
        mix(path)
        break
      case 'read':
        read(path)
        break
      case 'list':
        for (const name of matches(disk, place(path))) {
          yield
          read(`${path}/${name}`)
        }
        break
      case 'include': {
        const depfile = words.shift() ?? ''
        const named = includedBy(read(path))
        for (const header of named) {
          yield
          read(header)
        }
        yield
        write(disk, place(depfile), `${[...named, path].map((n) => `out: ${n}`).join('\n')}\n`, 0o644)
        break
      }
      case 'write':
      case 'writex':
        write(disk, place(path), sum.slice(0, 7), 0o644)
        yield
        write(disk, place(path), bad ? 'bad' : sum, word === 'writex' ? 0o755 : 0o644)
        break
      case 'fill':
        if (!onRead) yield* fill(disk, place(path), sum)
        break
      case 'publish':
        write(disk, path, bad ? 'bad' : sum, 0o644)
        disk.syncAll(disk.find(store))
        break
      case 'link':
        if (!onRead) makeLink(disk, place(path), Number.parseInt(sum.slice(0, 2), 16) % 2 === 0 ? 'even' : 'odd')
    }
  }
  yield
  return bad ? 1 : 0
}

function* fill(disk: SimDisk, folder: string, sum: string): Generator<void> {
  disk.makeFolder(folder)
  const count = Number.parseInt(sum.slice(0, 2), 16) % 4
  for (let n = 0; n < count; n += 1) {
    yield
    writeFile(disk, `${folder}/f${n}`, `${n} ${sum}`, 0o644)
  }
  yield
  if (count % 2 === 1) disk.makeFolder(`${folder}/empty`)
}

/** The names that a file's text has behind `#`. */
export function includedBy(text: string | undefined): readonly string[] {
  return (text ?? '').split(' ').flatMap((word) => (word.startsWith('#') ? [word.slice(1)] : []))
}

/** What `*.g` and `**` match below the folder, sorted. */
export function matches(disk: SimDisk, folder: string, below = ''): readonly string[] {
  const entries = disk.list(`${folder}/${below}`) ?? []
  return entries
    .flatMap(({ name, kind }) => {
      if (kind === 'folder') return matches(disk, folder, `${below}${name}/`)
      return name.endsWith('.g') ? [`${below}${name}`] : []
    })
    .sort()
}

export function textOf(disk: SimDisk, path: string): string | undefined {
  const inode = disk.findOrNothing(path, true)
  return inode?.kind === 'file' ? inode.content.toString() : undefined
}

function isExecutable(disk: SimDisk, path: string): boolean {
  return ((disk.findOrNothing(path, true)?.mode ?? 0) & 0o100) !== 0
}

export function writeFile(disk: SimDisk, path: string, text: string, mode: number): void {
  try {
    disk.makeFolder(dirname(path))
    const inode = disk.create(path, true)
    disk.setContent(inode, Buffer.from(text))
    disk.written.add(text)
    if (inode.mode !== mode) disk.setMode(path, mode)
  } catch (error) {
    // A folder where a file is to be: the program cannot do its work, and what is missing tells.
    if (!isCode(error, 'EISDIR') && !isCode(error, 'ENOTDIR') && !isCode(error, 'EEXIST')) throw error
  }
}

function makeLink(disk: SimDisk, path: string, target: string): void {
  disk.makeFolder(dirname(path))
  disk.remove(path)
  disk.makeLink(path, target)
}
