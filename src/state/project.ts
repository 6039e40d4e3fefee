import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { advance, type Entry, type History, lostHistory, noHistory, type TaskEntry } from '../model/record.ts'
import type { TaskKind } from '../model/task.ts'
import type { Disk } from '../ports/disk.ts'
import { makeFolder } from './folders.ts'
import { fold, unfold } from './histories.ts'
import { JournalWriter, readJournal, rewriteJournal, setAside } from './journal.ts'
import { besideEnding, replaceFile } from './replace.ts'
import { Results } from './results.ts'

/** Whose journal an entry goes to. */
type Book = 'effects' | 'files'

/** What was found wrong while reading, for people. */
export interface StateTrouble {
  readonly file: string
  /** Where the damaged file was put; undefined while only reading. */
  readonly aside?: string
}

interface ReadBook {
  readonly file: string
  readonly histories: Map<string, History>
  /** Bytes of the file that hold. */
  readonly length: number
  readonly entries: number
  /** The entry of the last session, by which the file is known not to be an older copy. */
  readonly anchor: readonly Entry[]
  readonly damaged: boolean
  /** Whether records were lost, now or at an earlier time. */
  readonly lost: boolean
  /** Identity of the file that was read. */
  readonly version: string
}

/**
 * All that lakitu remembers of a project. Effects and their notes are in `.lakitu/journal`, on disk before anything goes on;
 * file tasks are in `.cache/lakitu/journal`, which holds only for this tree at this place.
 */
export class ProjectState {
  readonly durable: string
  readonly cache: string
  /** What tasks made before. */
  readonly results: Results
  trouble: readonly StateTrouble[] = []
  private readonly disk: Disk
  private readonly root: string
  private histories: Readonly<Record<Book, Map<string, History>>> = { effects: new Map(), files: new Map() }
  /** What the two files were when they were last read, or written by this process. */
  private versions: Record<Book, string> = { effects: '', files: '' }
  /** Whether what effects did before is not known. */
  private lost = false
  private writers: Readonly<Record<Book, JournalWriter>> | undefined

  constructor(disk: Disk, root: string) {
    this.disk = disk
    this.root = root
    this.durable = join(root, '.lakitu')
    this.cache = join(root, '.cache', 'lakitu')
    this.results = new Results(disk, this.cache)
    this.read()
  }

  /** Takes in what is on disk now; changes nothing there. */
  read(): void {
    const effects = this.readBook('effects')
    const files = this.readBook('files')
    this.histories = { effects: effects.histories, files: files.histories }
    this.versions = { effects: effects.version, files: files.version }
    this.lost = effects.lost
    this.trouble = [effects, files].filter((book) => book.damaged).map(({ file }) => ({ file }))
  }

  /** Reads again if another lakitu wrote since; answers whether it did. */
  refresh(): boolean {
    const books: readonly Book[] = ['effects', 'files']
    if (books.every((book) => this.versionOf(book) === this.versions[book])) return false
    this.read()
    return true
  }

  history(task: string, kind: TaskKind): History {
    const book = bookOf(kind)
    return this.histories[book].get(task) ?? (book === 'effects' && this.lost ? lostHistory : noHistory)
  }

  /** All tasks that one of the journals knows. */
  known(): readonly { readonly task: string; readonly isEffect: boolean; readonly history: History }[] {
    const books: readonly Book[] = ['effects', 'files']
    return books.flatMap((book) =>
      [...this.histories[book]].map(([task, history]) => ({ task, isEffect: book === 'effects', history })),
    )
  }

  /** Under the lock: from here on entries can be written. Reads again, compacts, sets damaged files aside. */
  open(boot: string): void {
    makeFolder(this.disk, this.durable, 0o700)
    // Where the tree's id stands, the folder's own name was on disk before it.
    if (this.knownTreeId() === undefined) this.disk.syncFolder(this.root)
    makeFolder(this.disk, this.cache)
    this.sweep()
    this.results.open()
    this.trouble = []
    const tree = this.treeId()
    const id = randomUUID()
    const session: Entry = { type: 'session', tree, root: this.root, boot, id }
    this.writers = { effects: this.openBook('effects', session), files: this.openBook('files', session) }
    replaceFile(this.disk, join(this.durable, 'session'), id)
  }

  /** Whether this process has the lock and may write. */
  get isOpen(): boolean {
    return this.writers !== undefined
  }

  write(kind: TaskKind, entry: TaskEntry): void {
    const book = bookOf(kind)
    if (!this.writers) throw new Error('The journal is not open for writing')
    this.writers[book].append(entry, book === 'effects')
    const histories = this.histories[book]
    if (entry.type === 'forgotten') histories.delete(entry.task)
    else histories.set(entry.task, advance(histories.get(entry.task) ?? noHistory, entry))
  }

  /** Before the lock is given back. */
  close(): void {
    if (!this.writers) return
    for (const [book, writer] of Object.entries(this.writers)) {
      writer.append({ type: 'end' }, book === 'effects')
      writer.close()
    }
    this.writers = undefined
    this.versions = { effects: this.versionOf('effects'), files: this.versionOf('files') }
  }

  private path(book: Book): string {
    return join(book === 'effects' ? this.durable : this.cache, 'journal')
  }

  private readBook(book: Book): ReadBook {
    const file = this.path(book)
    const version = this.versionOf(book)
    const { entries, length, damaged } = readJournal(this.disk, file)
    // Records of files hold only where they were made: a copied cache must not lie.
    const foreign = book === 'files' && !this.isOurs(entries)
    return {
      file,
      histories: foreign ? new Map() : fold(entries),
      // One that was made elsewhere would make the whole file another tree's, for ever.
      anchor: foreign ? [] : entries.filter((entry) => entry.type === 'session' && entry.id === this.lastSession()),
      length,
      entries: foreign ? 0 : entries.length,
      damaged,
      lost: damaged || entries.some((e) => e.type === 'lost'),
      version,
    }
  }

  /**
   * Made here, and not an older copy: that would not know of a run that was begun since and did not end. A session stands in the
   * journal before its name stands in `.lakitu/session`, so that one which died in between is no older copy.
   */
  private isOurs(entries: readonly Entry[]): boolean {
    const sessions = entries.filter((entry) => entry.type === 'session')
    if (sessions.length === 0) return true
    return sessions.every((session) => this.isHere(session)) && sessions.some(({ id }) => id === this.lastSession())
  }

  private lastSession(): string | undefined {
    return this.disk.read(join(this.durable, 'session'))?.toString()
  }

  private isHere(session: Extract<Entry, { type: 'session' }>): boolean {
    return session.root === this.root && session.tree === this.knownTreeId()
  }

  private openBook(book: Book, session: Entry): JournalWriter {
    const path = this.path(book)
    const read = this.readBook(book)
    if (read.damaged) this.trouble = [...this.trouble, { file: path, aside: setAside(this.disk, path) }]
    this.histories[book].clear()
    for (const [task, history] of read.histories) this.histories[book].set(task, history)
    const lost: readonly Entry[] = book === 'effects' && read.lost ? [{ type: 'lost' }] : []
    if (lost.length > 0) this.lost = true
    const kept = [...lost, ...read.anchor, ...unfold(read.histories)]
    const wasteful = read.entries > 1000 + 4 * kept.length
    const length = read.entries === 0 || wasteful ? rewriteJournal(this.disk, path, kept) : read.length
    const writer = new JournalWriter(this.disk, path, length)
    writer.append(session, false)
    return writer
  }

  private knownTreeId(): string | undefined {
    const text = this.disk.read(join(this.durable, 'tree'))?.toString()
    return text === '' ? undefined : text
  }

  private treeId(): string {
    const known = this.knownTreeId()
    if (known !== undefined) return known
    const made = randomUUID()
    replaceFile(this.disk, join(this.durable, 'tree'), made, { durable: true })
    return made
  }

  private versionOf(book: Book): string {
    const identity = this.disk.identity(this.path(book))
    return identity ? `${identity.inode} ${identity.size} ${identity.mtime}` : ''
  }

  /** Takes away what a lakitu had begun to write when it was killed. */
  private sweep(): void {
    for (const folder of [this.durable, this.cache]) {
      for (const { name } of this.disk.list(folder) ?? []) {
        if (name.endsWith(besideEnding)) this.disk.remove(join(folder, name))
      }
    }
  }
}

function bookOf(kind: TaskKind): Book {
  return kind === 'task' ? 'files' : 'effects'
}
