import { syncBuiltinESMExports } from 'node:module'
import process from 'node:process'
import { callerOf, callsite } from '../define/callsite.ts'
import { LakituError } from '../model/error.ts'

type Environment = NodeJS.ProcessEnv
type AnyFunction = (...args: never[]) => unknown

/** What is to be known of the environment while a config loads. */
export interface EnvironmentWatch {
  /** Whether the module at a file URL belongs to the project. */
  isLocal(url: string): boolean
  /** A module of the project read one variable; `modules`: it and those that called it. */
  onRead(variable: string, value: string | undefined, modules: readonly string[]): void
}

/**
 * Calls `load` with a `process.env` that tells which variables the project's modules read. To go through all of it is an error for
 * them (E_ENV_ENUMERATED): everything would hang on everything. Node, packages and lakitu itself notice nothing.
 */
export async function watchingEnvironment<T>(watch: EnvironmentWatch, load: () => Promise<T>): Promise<T> {
  const real = process.env
  const watched = new WatchedEnvironment(real, watch)
  putInPlace(watched.proxy)
  try {
    return await load()
  } finally {
    watched.end()
    putInPlace(real)
  }
}

/** Also for who imports `env` by name from node:process. */
function putInPlace(environment: Environment): void {
  process.env = environment
  syncBuiltinESMExports()
}

class WatchedEnvironment {
  readonly proxy: Environment
  private readonly watch: EnvironmentWatch
  /** A module may keep the proxy for its functions. */
  private isOver = false

  constructor(real: Environment, watch: EnvironmentWatch) {
    this.watch = watch
    const tell = (variable: string | symbol, below: AnyFunction) => this.tell(real, variable, below)
    const refuse = (below: AnyFunction) => this.refuse(below)
    this.proxy = new Proxy(real, {
      get: function get(target, variable) {
        tell(variable, get)
        return Reflect.get(target, variable)
      },
      has: function has(target, variable) {
        tell(variable, has)
        return Reflect.has(target, variable)
      },
      getOwnPropertyDescriptor: function describe(target, variable) {
        tell(variable, describe)
        return Reflect.getOwnPropertyDescriptor(target, variable)
      },
      set: (target, variable, value) => Reflect.set(target, variable, value),
      ownKeys: function ownKeys(target) {
        refuse(ownKeys)
        return Reflect.ownKeys(target)
      },
    })
  }

  end(): void {
    this.isOver = true
  }

  private tell(real: Environment, variable: string | symbol, below: AnyFunction): void {
    if (typeof variable === 'symbol' || !this.isLocalCaller(below)) return
    this.watch.onRead(variable, real[variable], callsite(below).modules)
  }

  private refuse(below: AnyFunction): void {
    if (!this.isLocalCaller(below)) return
    throw new LakituError({
      code: 'E_ENV_ENUMERATED',
      headline: 'The whole environment was read while the config loaded, so every task would hang on every variable',
      facts: { read: callsite(below).site },
      next: "Name the variables that count: env('NAME') among the inputs of a task, or process.env.NAME here.",
      family: 'usage',
    })
  }

  /** Whether a module of the project itself asks, and not Node or a package on its behalf. */
  private isLocalCaller(below: AnyFunction): boolean {
    const url = this.isOver ? undefined : callerOf(below)
    return url !== undefined && this.watch.isLocal(url)
  }
}
