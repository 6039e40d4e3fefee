import { parentPort } from 'node:worker_threads'
import { playRange, type Range } from './seeds.ts'

/** One of the threads of `playSeeds`. */
parentPort?.on('message', async (range: Range) => {
  parentPort?.postMessage(await playRange(range))
})
