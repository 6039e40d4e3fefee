import { chmodSync, linkSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { type Content, type Member, memberName, type Take, unsafe } from './members.ts'
import { FileWriter } from './write-file.ts'

/**
 * Writes members into a new folder and answers the names of the files and links. Links come last, when every folder is
 * there, so that nothing is ever written through one; then each must lead to something inside, however it gets there.
 */
export async function fillFolder(
  folder: string,
  archive: string,
  members: (take: Take) => Promise<void>,
): Promise<readonly string[]> {
  const filling = new Filling(folder, archive)
  try {
    await members((member) => filling.take(member))
    filling.finish()
    return filling.names
  } finally {
    await filling.letGo()
  }
}

class Filling {
  readonly names: string[] = []
  private readonly folder: string
  private readonly archive: string
  private readonly kinds = new Map<string, Member['kind']>()
  /** The names of folders that are there, with their modes. */
  private readonly folders = new Map<string, number>()
  private readonly links: Member[] = []
  private open: FileWriter | undefined

  constructor(folder: string, archive: string) {
    this.folder = folder
    this.archive = archive
    mkdirSync(folder)
    this.folders.set('.', 0o755)
  }

  take(member: Member): Content | undefined {
    if (member.kind === 'folder') {
      this.makeFolder(member, member.name)
      this.folders.set(member.name, (member.mode ?? 0o755) | 0o700)
      return undefined
    }
    if (this.kinds.has(member.name)) throw this.inTheWay(member)
    this.kinds.set(member.name, member.kind)
    this.names.push(member.name)
    if (member.kind === 'link') {
      this.links.push(member)
      return undefined
    }
    this.makeFolder(member, dirname(member.name))
    if (member.kind === 'hard-link') {
      this.makeHardLink(member)
      return undefined
    }
    const mode = (member.mode ?? 0o644) | 0o600
    this.open = new FileWriter(this.path(member.name), mode, (error) => this.refused(member, error))
    return this.open
  }

  finish(): void {
    for (const [name, mode] of this.folders) chmodSync(this.path(name), mode)
    for (const link of this.links) this.makeFolder(link, dirname(link.name))
    for (const link of this.links) this.once(link, () => symlinkSync(link.target, this.path(link.name)))
    for (const link of this.links) this.checkLink(link)
  }

  async letGo(): Promise<void> {
    await this.open?.letGo()
  }

  /**
   * Each folder by itself, and only once: one that is there although no member named it so is another name that this
   * disk takes for the same (it folds case, or forms of Unicode), and the two would be mixed.
   */
  private makeFolder(member: Member, name: string): void {
    if (this.folders.has(name)) return
    this.makeFolder(member, dirname(name))
    this.once(member, () => mkdirSync(this.path(name), { mode: 0o755 }))
    this.folders.set(name, 0o755)
  }

  /** Only to what is a file of this archive already: no link is there yet through which it could lead elsewhere. */
  private makeHardLink(member: Member): void {
    const target = memberName(this.archive, member.target)
    if (this.kinds.get(target) === 'link') throw unsafe(this.archive, member.name, 'it is a hard link to a link')
    if (!this.kinds.has(target)) throw unsafe(this.archive, member.name, 'it links to no member that came before it')
    this.once(member, () => linkSync(this.path(target), this.path(member.name)))
  }

  private checkLink({ name, target }: Member): void {
    const refuse = (why: string) => unsafe(this.archive, name, why)
    if (isAbsolute(target)) throw refuse('it is a link to an absolute path')
    if (/\\|\0|^[a-z]:/i.test(target)) throw refuse('it is a link to what is no relative path everywhere')
    const home = realpathSync.native(this.folder)
    const end = realPath(this.path(name))
    if (end === undefined) throw refuse('it is a link that leads nowhere')
    const inside = relative(home, end)
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw refuse('it is a link that leaves the folder')
    }
  }

  private once(member: Member, write: () => void): void {
    try {
      write()
    } catch (error) {
      throw this.refused(member, error)
    }
  }

  /** Two members that want one place on this disk are no accident that should be settled by order. */
  private refused(member: Member, error: unknown): unknown {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') return this.inTheWay(member)
    if (code === 'ENAMETOOLONG') return unsafe(this.archive, member.name, 'its name is too long for this disk')
    if (code === 'EILSEQ') return unsafe(this.archive, member.name, 'its name is none on this disk')
    return error
  }

  private inTheWay(member: Member): Error {
    return unsafe(this.archive, member.name, 'another member has the same name on this disk, or stands in its way')
  }

  private path(name: string): string {
    return join(this.folder, name)
  }
}

/** As the system goes: Node's own way takes the `..` in a link's text before the links in it. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path)
  } catch {
    return undefined
  }
}
