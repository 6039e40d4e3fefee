import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { fileSum } from './source.ts'

const Note = v.object({ sha256: v.string(), source: v.string() })

/** What is known of a kept download: the sum that was checked when it came, and who served it. */
export type Note = v.InferOutput<typeof Note>

/** Notes what a download is, once it is whole and right; without its note it counts for nothing. */
export async function keep(root: string, file: string, note: Note): Promise<void> {
  await writeFile(noteOf(root, file), `${JSON.stringify(note)}\n`)
}

/** The note of a kept download that is still what it was; one that is damaged is thrown away, with a word. */
export async function keptNote(root: string, file: string, log: (text: string) => void): Promise<Note | undefined> {
  const note = await readNote(noteOf(root, file))
  if (!note) return undefined
  const actual = await fileSum(join(root, file)).catch(() => undefined)
  if (actual === note.sha256) return note
  if (actual !== undefined) log(`${file} is damaged: it is thrown away and fetched again`)
  await rm(noteOf(root, file), { force: true })
  await rm(join(root, file), { force: true })
  return undefined
}

async function readNote(path: string): Promise<Note | undefined> {
  try {
    return v.parse(Note, JSON.parse(await readFile(path, 'utf8')))
  } catch {
    // Absent, or cut short by a crash: the download is then as good as not there, and fetched again.
    return undefined
  }
}

function noteOf(root: string, file: string): string {
  return join(root, `${file}.json`)
}
