import type { Callsite } from '../define/callsite.ts'
import type { Loading } from '../define/load.ts'
import { listTree } from '../engine/look.ts'
import { baseFolders, matchFiles, meansFile } from '../fingerprint/globs.ts'
import type { Observed } from '../graph/observed.ts'
import { absent, type FactValue } from '../model/facts.ts'
import type { Disk } from '../ports/disk.ts'
import { sha256 } from '../util/digest.ts'
import { onDisk, type TreePath, treePath } from '../util/paths.ts'

interface Look extends Observed {
  /** Where a change can matter. */
  readonly places: readonly TreePath[]
  /** Whether it would see an edit of the file, there or not. */
  readonly sees: (path: TreePath) => boolean
  /** What is there now, as text. */
  readonly now: () => string
  readonly before: string
}

/** What the modules of a config looked at while they loaded: a part of their code, and a reason to load them again. */
export class Observations implements Loading {
  readonly looks: Look[] = []
  private readonly byModule = new Map<string, Record<string, FactValue>>()
  private readonly disk: Pick<Disk, 'list' | 'read' | 'realPath' | 'identity'>
  private readonly root: string

  constructor(disk: Pick<Disk, 'list' | 'read' | 'realPath' | 'identity'>, root: string) {
    this.disk = disk
    this.root = root
  }

  glob(patterns: readonly string[], { modules, site }: Callsite): readonly TreePath[] {
    const match = () => matchFiles(this.tree(), patterns).paths
    const paths = match()
    const now = () => JSON.stringify(match())
    const places = baseFolders(this.root, patterns)
    const call = `glob(${patterns.join(', ')})`
    const sees = (path: TreePath) => meansFile(this.tree(), patterns, path)
    this.looks.push({ isGlob: true, call, site, paths, places, sees, now, before: JSON.stringify(paths) })
    this.note(modules, call, Object.fromEntries(paths.map((path) => [path, 'matched'])))
    return paths
  }

  read(file: string, { modules, site }: Callsite): string | undefined {
    const path = treePath(this.root, file)
    const text = () => this.disk.read(onDisk(this.root, path))?.toString('utf8')
    const found = text()
    const now = () => contentFact(text())
    const call = `read(${path})`
    const sees = (other: TreePath) => other === path
    this.looks.push({ isGlob: false, call, site, paths: [path], places: [path], sees, now, before: contentFact(found) })
    this.note(modules, call, contentFact(found))
    return found
  }

  /** Of the value only the hash is kept: it may be a secret. */
  env(variable: string, value: string | undefined, modules: readonly string[]): void {
    this.note(modules, `env(${variable})`, value === undefined ? null : sha256(value))
  }

  /** By call: what a module saw. */
  of(url: string): Readonly<Record<string, FactValue>> {
    return this.byModule.get(url) ?? {}
  }

  /** Folders and files in which a change can matter. */
  places(): readonly TreePath[] {
    return [...new Set(this.looks.flatMap((look) => look.places))]
  }

  /** The calls that would see an edit of the file, as they stand in the facts of code. */
  callsThatSee(path: TreePath): readonly string[] {
    return this.looks.filter(({ sees }) => sees(path)).map(({ call }) => call)
  }

  /** Whether the modules would see anything else now. */
  changed(): boolean {
    return this.looks.some((look) => look.now() !== look.before)
  }

  private tree(): Parameters<typeof matchFiles>[0] {
    const list = (folder: TreePath) => listTree(this.disk, this.root, folder)
    // Which paths tasks make is known only when the config has loaded: then that is checked.
    return { root: this.root, list, isForeignOutput: () => false }
  }

  private note(modules: readonly string[], call: string, fact: FactValue): void {
    for (const url of modules) {
      const seen = this.byModule.get(url) ?? {}
      seen[call] = fact
      this.byModule.set(url, seen)
    }
  }
}

function contentFact(text: string | undefined): string {
  return text === undefined ? absent : sha256(text)
}
