/** An effect of a simulated project, as data. */
export interface EffectSpec {
  readonly name: string
  /** It makes machines, or puts something onto machines that are there. */
  readonly kind: 'machines' | 'roles'
  /** Those that it makes; of roles: those that are there without lakitu. */
  readonly machines: readonly string[]
  /** Of roles: effects whose machines get it as well. */
  readonly on: readonly string[]
  /** Sources that decide what it brings about. */
  readonly reads: readonly string[]
  /** Tasks whose files do so too. */
  readonly uses: readonly string[]
  readonly salt: string
  /** Content of the module that holds its functions. */
  readonly code: string
  readonly converges: boolean
  /** How many answers of its probe differ from each other after each change. */
  readonly flaps: number
}

/** Machines that are nobody's work. */
export const hosts = ['h0'] as const

/** The machines that the effect works on. */
export function machinesOf(spec: EffectSpec, effects: readonly EffectSpec[]): readonly string[] {
  const others = effects.filter(({ name }) => spec.on.includes(name))
  return [...spec.machines, ...others.flatMap(({ machines }) => machines)]
}

/** What of its config goes into what it puts onto machines. */
export function wordsOf({ salt, code }: Pick<EffectSpec, 'salt' | 'code'>): string {
  return `${salt} ${code}`
}

/** Of what a task makes, this is read; it may have been renamed. */
export function isUsed(path: string): boolean {
  return /\.or*$/.test(path)
}
