import { spawn } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import type { Context, ExecOptions, ExecResult } from 'lakitu'
import { archives } from '../../src/adapters/archives.ts'
import { gotHttp } from '../../src/adapters/got.ts'
import { parseSha256 } from '../../src/util/digest.ts'

/** What a task's function said, beside its value. */
export interface Said {
  readonly logs: string[]
  readonly warnings: string[]
  readonly leftOut: string[]
  /** Every program that was run, with its arguments. */
  readonly programs: string[]
}

type ForKits = Pick<
  Context,
  'name' | 'root' | 'exec' | 'fetch' | 'fetchText' | 'unpack' | 'leaveOut' | 'log' | 'warn' | 'progress' | 'signal'
>

/** Answers for programs that a test does not want to run; `undefined` runs them. */
export type Answer = (program: string, args: readonly string[]) => Partial<ExecResult> | undefined

/** A context without an engine: the real adapters on a real folder, and real programs where no answer is given. */
export function kitContext(
  root: string,
  answer: Answer = () => undefined,
): { readonly ctx: ForKits; readonly said: Said } {
  const said: Said = { logs: [], warnings: [], leftOut: [], programs: [] }
  const { signal } = new AbortController()
  const http = gotHttp({ pause: async () => {} })
  const ctx: ForKits = {
    name: 'a-task',
    root,
    signal,
    exec: async (program, args = [], options = {}) => {
      said.programs.push([program, ...args].join(' '))
      const answered = answer(program, args)
      const result = answered
        ? { code: 0, stdout: '', stderr: '', ...answered }
        : await run(root, program, args, options)
      if ((options.okCodes ?? [0]).includes(result.code)) return result
      throw new Error(`${program} ended with ${result.code}: ${result.stderr}`)
    },
    fetch: async (url, { to = 'fetched', sha256 } = {}) => {
      const sum = parseSha256(sha256 ?? '')
      const limits = { maxSize: 2 ** 31, connectTimeout: 2000, silenceTimeout: 2000, signal, onProgress: () => {} }
      const fetched = await http.download(url, { into: join(root, to), ...limits, ...(sum ? { sha256: sum } : {}) })
      if (fetched === 'unchanged') throw new Error('nothing was there before')
      return { path: to, size: fetched.size, sha256: fetched.sha256, from: 'network' }
    },
    fetchText: (url) => http.text(url, { maxSize: 4 << 20, signal }),
    unpack: async (archive, { to, ...options }) => {
      const written = await archives.unpack({ archive: resolve(root, archive), to: join(root, to), ...options, signal })
      return written.map((path) => relative(root, path))
    },
    leaveOut: (reason) => {
      said.leftOut.push(reason)
      throw new Error('left out')
    },
    log: (text) => void said.logs.push(text),
    warn: (text) => void said.warnings.push(text),
    progress: () => {},
  }
  return { ctx, said }
}

function run(root: string, program: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  return new Promise((done, fail) => {
    const child = spawn(program, [...args], {
      cwd: resolve(root, options.cwd ?? '.'),
      env: { ...process.env, ...options.env },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (data) => {
      stdout += String(data)
    })
    child.stderr.on('data', (data) => {
      stderr += String(data)
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code: code ?? -1, stdout, stderr }))
  })
}
