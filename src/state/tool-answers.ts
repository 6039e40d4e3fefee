import { join } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import { replaceFile } from './replace.ts'
import type { StatPlace } from './stat-cache.ts'

interface Answer {
  /** What the program's file, and links to it, were when it answered; as text. */
  readonly file: string
  readonly text: string
}

/** What tools said: of all in this process, and of those whose file is trusted until that is another one. */
export class ToolAnswers {
  /** By program and arguments. */
  readonly asked = new Map<string, Promise<string>>()
  private readonly known: Map<string, Answer>
  private readonly disk: Disk
  private readonly place: StatPlace
  private dirty = false

  constructor(disk: Disk, place: StatPlace) {
    this.disk = disk
    this.place = place
    this.known = new Map(parse(() => disk.read(fileIn(place))?.toString() ?? '', headOf(place)))
  }

  recall(key: string, file: string): string | undefined {
    const answer = this.known.get(key)
    return answer?.file === file ? answer.text : undefined
  }

  remember(key: string, answer: Answer): void {
    this.known.set(key, answer)
    this.dirty = true
  }

  /** Keeps them until next time; whoever only reads does not. */
  save(): void {
    if (!this.dirty) return
    const rows = [...this.known].map(([key, { file, text }]): Row => [key, file, text])
    try {
      replaceFile(this.disk, fileIn(this.place), JSON.stringify([headOf(this.place), ...rows]))
      this.dirty = false
    } catch {
      // A full disk: next time the tools are simply asked again.
    }
  }
}

type Row = readonly [key: string, file: string, text: string]

function fileIn({ cache }: StatPlace): string {
  return join(cache, 'tools')
}

/** As of the stat cache: identities prove something in one place and until the machine stops. */
function headOf({ root, boot }: StatPlace): string {
  return `1 ${boot} ${root}`
}

/** A file that does not read well is as good as none. */
function parse(saved: () => string, head: string): readonly (readonly [string, Answer])[] {
  try {
    const [found, ...rows] = JSON.parse(saved()) as [string, ...Row[]]
    return found === head ? rows.map(([key, file, text]) => [key, { file, text }]) : []
  } catch {
    return []
  }
}
