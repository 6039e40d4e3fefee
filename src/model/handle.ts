/** Only in types: what a task's `run` returns, or an effect's probe answers. */
export declare const valueType: unique symbol

/** A task as those who use its value see it. `V` is the type of that value. */
export interface Handle<out V = unknown> {
  readonly name: string
  readonly [valueType]?: V
}

/** Tasks and lists of tasks by name: what a context hands the values of. */
export type Handles = Readonly<Record<string, Handle | readonly Handle[]>>
export type NeedValue<N> = N extends { readonly [valueType]?: infer V }
  ? V
  : N extends readonly (infer T)[]
    ? readonly NeedValue<T>[]
    : never
export type NeedValues<N extends Handles> = { readonly [K in keyof N]: NeedValue<N[K]> }

/** The values of needs while nothing runs: that of a service is undefined where it does not run either. */
export type LookedAtValues<N extends Handles> = { readonly [K in keyof N]: LookedAtValue<N[K]> }
type LookedAtValue<N> = N extends { readonly serves: true }
  ? NeedValue<N> | undefined
  : N extends readonly (infer T)[]
    ? readonly LookedAtValue<T>[]
    : NeedValue<N>
