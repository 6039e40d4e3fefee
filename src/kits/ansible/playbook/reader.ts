import type { Fault, Place } from './faults.ts'
import { codeOf, isTemplated, scan } from './jinja.ts'
import type { Sources } from './model.ts'
import { digest, meaning, type Node, textsIn } from './tree.ts'
import { parseYaml } from './yaml.ts'

type Of = keyof Sources

/** Permission bits by path. */
export type Modes = ReadonlyMap<string, number>

/** Reads files once each, and keeps what is wrong with them. */
export class Reader {
  readonly faults: Fault[] = []
  private readonly sources: Sources
  private readonly modes: Modes
  private readonly parsed = new Map<string, Node | undefined>()
  private readonly texts = new Map<string, string | undefined>()

  private marks: boolean | undefined

  constructor(sources: Sources, modes: Modes = new Map()) {
    this.sources = sources
    this.modes = modes
  }

  has(of: Of, file: string): boolean {
    return this.sources[of].has(file)
  }

  /** In one order on every machine. */
  paths(of: Of): readonly string[] {
    return [...this.sources[of].keys()].sort()
  }

  fault(fault: Fault): void {
    this.faults.push(fault)
  }

  /** Undefined where it is no UTF-8, which is a fault. */
  text(of: Of, file: string): string | undefined {
    const key = `${of}:${file}`
    if (!this.texts.has(key)) this.texts.set(key, this.decoded(of, file))
    return this.texts.get(key)
  }

  private decoded(of: Of, file: string): string | undefined {
    const bytes = this.sources[of].get(file) ?? Buffer.alloc(0)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      const line = firstBadLine(bytes)
      this.fault({ code: 'E_NOT_UTF8', of, file, line, text: `${file.split('/').at(-1)} is not UTF-8` })
      return undefined
    }
  }

  /** Undefined where it does not parse, which is a fault. */
  yaml(of: Of, file: string): Node | undefined {
    const key = `${of}:${file}`
    if (!this.parsed.has(key)) this.parsed.set(key, this.parse(of, file))
    return this.parsed.get(key)
  }

  private parse(of: Of, file: string): Node | undefined {
    const text = this.text(of, file)
    if (text === undefined) return undefined
    const result = parseYaml(text)
    if (!result.fault) return result.node
    const { line, column, text: said } = result.fault
    this.fault({ code: 'E_YAML', of, file, line, column, text: said })
    return undefined
  }

  /** The code of a template; all of its text where somebody gives other marks than Jinja's to templates. */
  code(file: string): readonly string[] {
    const text = this.text('playbook', file) ?? ''
    return this.hasOwnMarks ? [text] : codeOf(text)
  }

  private get hasOwnMarks(): boolean {
    this.marks ??= [...this.sources.playbook.values()].some((bytes) => bytes.includes('_start_string'))
    return this.marks
  }

  /** Digest of what a file of YAML means. */
  meant(of: Of, file: string): string {
    const node = this.yaml(of, file)
    return node ? digest(meaning(node)) : this.bytes(of, file)
  }

  bytes(of: Of, file: string): string {
    return digest(this.sources[of].get(file) ?? Buffer.alloc(0))
  }

  /** Of a file of the playbook that is copied as it is: `mode: preserve` takes its permissions along. */
  copied(file: string): string {
    return digest(this.bytes('playbook', file), String(this.modes.get(file)))
  }

  /** The text of what may be none: nothing where it is large. */
  small(of: Of, file: string): string {
    const bytes = this.sources[of].get(file)
    return bytes === undefined || bytes.length > 1_000_000 ? '' : bytes.toString('latin1')
  }

  /** A mark of Jinja that is never closed, in a template. */
  balancedText(of: Of, file: string): void {
    const text = this.text(of, file)
    if (text === undefined || this.hasOwnMarks || /^#jinja2:/m.test(text)) return
    this.unclosed(scan(text).open, { of, file, line: 0 })
  }

  /** The same in the strings of a file of tasks. */
  balancedStrings(of: Of, file: string): void {
    for (const { scalar } of textsIn(this.yaml(of, file))) {
      if (!isTemplated(scalar.text) || scalar.tag === '!unsafe') continue
      const { open } = scan(scalar.text)
      if (open && open.mark !== '{#') this.unclosed(open, { of, file, line: scalar.line - 1 })
    }
  }

  private unclosed(open: ReturnType<typeof scan>['open'], { of, file, line }: Place): void {
    if (!open) return
    this.fault({ code: 'E_JINJA', of, file, line: line + open.line, text: `${open.mark} is never closed` })
  }
}

function firstBadLine(bytes: Buffer): number {
  const lines = bytes.toString('latin1').split('\n')
  const bad = lines.findIndex((line) => {
    const raw = Buffer.from(line, 'latin1')
    return !raw.equals(Buffer.from(raw.toString('utf8'), 'utf8'))
  })
  return Math.max(0, bad) + 1
}
