import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Context, ExecOptions, ExecResult } from 'lakitu'
import { onTestFinished } from 'vitest'
import { archives } from '../../src/adapters/archives/archives.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { gotHttp } from '../../src/adapters/http/got.ts'
import { nodeDisk } from '../../src/adapters/node-disk.ts'
import { sqliteLocks } from '../../src/adapters/sqlite-lock.ts'
import { Downloads } from '../../src/downloads/downloads.ts'
import { downloadsOf } from '../../src/engine/downloads.ts'

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
  | 'name'
  | 'root'
  | 'exec'
  | 'fetch'
  | 'fetchText'
  | 'fetchSize'
  | 'keep'
  | 'offline'
  | 'read'
  | 'unpack'
  | 'leaveOut'
  | 'log'
  | 'warn'
  | 'progress'
  | 'signal'
>

/** Answers for programs that a test does not want to run; `undefined` runs them. */
export type Answer = (program: string, args: readonly string[]) => Partial<ExecResult> | undefined

export interface KitOptions {
  readonly offline?: boolean
  /** As far as the cache of downloads looks at it. */
  readonly environment?: Readonly<Record<string, string>>
}

/** A context without an engine: the real adapters on a real folder, and real programs where no answer is given. */
export function kitContext(
  root: string,
  answer: Answer = () => undefined,
  { offline = false, environment = {} }: KitOptions = {},
): { readonly ctx: ForKits; readonly said: Said } {
  const said: Said = { logs: [], warnings: [], leftOut: [], programs: [] }
  const { signal } = new AbortController()
  const words: Pick<Context, 'log' | 'warn' | 'progress'> = {
    log: (text) => void said.logs.push(text),
    warn: (text) => void said.warnings.push(text),
    progress: () => {},
  }
  const http = gotHttp({ pause: async () => {} })
  const ports = { disk: nodeDisk, locks: sqliteLocks, http, clock: systemClock, environment }
  const downloads = new Downloads(ports, { root, offline })
  const project = { downloads, secrets: { mask: (text: string) => text }, graph: { root }, ports }
  onTestFinished(() => downloads.end(Number.POSITIVE_INFINITY))
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
    ...downloadsOf({ project, name: 'a-task', signal }, words),
    read: (path) => (existsSync(resolve(root, path)) ? readFileSync(resolve(root, path), 'utf8') : undefined),
    unpack: async (archive, { to, ...options }) => {
      const written = await archives.unpack({ archive: resolve(root, archive), to: join(root, to), ...options, signal })
      return written.map((path) => relative(root, path))
    },
    leaveOut: (reason) => {
      said.leftOut.push(reason)
      throw new Error('left out')
    },
    ...words,
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
