import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { Parser, type ReadEntry } from 'tar'
import { LakituError } from '../model/error.ts'
import { damaged, type EachMember, isDiskFault, type Member, memberName, unsafe } from './members.ts'

const kinds: Readonly<Partial<Record<ReadEntry['type'], Member['kind']>>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'link',
  Link: 'hard-link',
}

/**
 * The members of a .tar, plain or gzipped. Only the parser of the package is used, in its strict mode: what is written
 * where is decided in one place for all kinds of archives.
 */
export const eachTarMember: EachMember = async (archive, take, signal) => {
  const failed = Promise.withResolvers<never>()
  // Whoever waits for it gets the failure; that nobody waits just now is no unhandled one.
  failed.promise.catch(() => {})
  let work = Promise.resolve()
  let ended = false
  let stopped = false
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      // What was already unzipped still comes after a failure.
      if (stopped) return
      work = work.then(async () => {
        await take(memberOf(archive, entry, failed.promise))
        entry.resume()
      })
      work.catch(failed.reject)
    },
  })
  parser.on('error', failed.reject)
  parser.on('eof', () => {
    ended = true
  })
  try {
    await Promise.race([pump(archive, parser, failed.promise, signal), failed.promise])
    await work
  } catch (error) {
    // A member may be half-way to the disk: it is let go, and waited for, before anybody clears up behind it.
    stopped = true
    failed.reject(error)
    await work.catch(() => {})
    if (signal.aborted || isDiskFault(error) || error instanceof LakituError) throw error
    throw damaged(archive, error instanceof Error ? error.message : String(error), error)
  }
  // Cut between two members it looks whole but for the two empty blocks that close every tar.
  if (!ended) throw damaged(archive, 'it ends without its closing blocks')
}

async function pump(archive: string, parser: Parser, failed: Promise<never>, signal: AbortSignal): Promise<void> {
  for await (const chunk of createReadStream(archive, { signal })) {
    if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), failed])
  }
  const finished = once(parser, 'end')
  parser.end()
  await Promise.race([finished, failed])
}

function memberOf(archive: string, entry: ReadEntry, failed: Promise<never>): Member {
  const name = memberName(archive, entry.path)
  const kind = kinds[entry.type]
  if (!kind) throw unsafe(archive, name, `it is neither file, folder nor link, but ${entry.type}`)
  const mode = entry.mode === undefined ? undefined : entry.mode & 0o777
  return { name, kind, mode, target: entry.linkpath ?? '', content: () => contentOf(entry, failed) }
}

/** The bytes of an entry, which would never end by itself when the archive fails in the middle of it. */
async function* contentOf(entry: ReadEntry, failed: Promise<never>): AsyncGenerator<Uint8Array> {
  const chunks = entry[Symbol.asyncIterator]()
  for (;;) {
    const chunk = await Promise.race([chunks.next(), failed])
    if (chunk.done) return
    yield chunk.value
  }
}
