import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { random } from '../support/random.ts'
import { makeCase } from './case.ts'
import { play, Violation } from './play.ts'

/** What came of some seeds. */
export interface Part {
  readonly played: number
  readonly runs: number
  readonly calls: number
  readonly failed: readonly Failed[]
}

export interface Failed {
  readonly seed: number
  readonly why: string
}

export interface Range {
  readonly from: number
  /** The first that is no longer played. */
  readonly to: number
  /** Nothing new is begun after so many seeds that failed. */
  readonly most: number
}

export interface Wanted extends Range {
  /** Threads; default one for each core. */
  readonly jobs?: number
}

/** Seeds that one thread plays before it asks for more. */
const handful = 20

/** Each seed is a case by itself, so that what fails is the same however many threads play. */
export async function playSeeds({ from, to, most, jobs = availableParallelism() }: Wanted): Promise<Part> {
  const parts: Part[] = []
  let next = from
  const failed = () => parts.flatMap((part) => part.failed)
  const take = (): Range | undefined => {
    if (next >= to || failed().length >= most) return undefined
    const range = { from: next, to: Math.min(to, next + handful), most }
    next = range.to
    return range
  }
  const crew = Math.min(jobs, Math.ceil((to - from) / handful))
  const hands = Array.from({ length: crew }, () => (crew === 1 ? alone(take, parts) : inThread(take, parts)))
  await Promise.all(hands)
  const sum = (of: (part: Part) => number) => parts.reduce((all, part) => all + of(part), 0)
  return {
    played: sum((part) => part.played),
    runs: sum((part) => part.runs),
    calls: sum((part) => part.calls),
    failed: failed()
      .sort((a, b) => a.seed - b.seed)
      .slice(0, most),
  }
}

async function alone(take: () => Range | undefined, parts: Part[]): Promise<void> {
  for (let range = take(); range; range = take()) parts.push(await playRange(range))
}

function inThread(take: () => Range | undefined, parts: Part[]): Promise<void> {
  const thread = new Worker(new URL('thread.ts', import.meta.url))
  return new Promise((resolve, reject) => {
    const goOn = () => {
      const range = take()
      if (range) thread.postMessage(range)
      else thread.terminate().then(() => resolve(), reject)
    }
    thread.on('message', (part: Part) => {
      parts.push(part)
      goOn()
    })
    thread.on('error', reject)
    goOn()
  })
}

export async function playRange({ from, to, most }: Range): Promise<Part> {
  const failed: Failed[] = []
  let [runs, calls] = [0, 0]
  let seed = from
  for (; seed < to && failed.length < most; seed += 1) {
    try {
      const done = await play(makeCase(random(seed)))
      runs += done.runs
      calls += done.calls
    } catch (error) {
      const text = error instanceof Violation ? error.message : error instanceof Error ? error.stack : undefined
      failed.push({ seed, why: text ?? String(error) })
    }
  }
  return { played: seed - from, runs, calls, failed }
}
