/**
 * The public surface: everything that a config, a task module or a kit may use. Kits are built on this file alone.
 */

export { type CommandSpec, command } from './define/command.ts'
export { defineConfig } from './define/config.ts'
export { each } from './define/each.ts'
export { env, files, tool, value } from './define/inputs.ts'
export { glob, json, read } from './define/load.ts'
export { depfile, input, output, updates, witness } from './define/outputs.ts'
export { secret } from './define/secret.ts'
export { type ServiceOptions, service } from './define/service.ts'
export { type EffectOptions, effect, type TaskOptions, task, undo } from './define/task.ts'
export type {
  Command,
  CommandArgument,
  CommandContext,
  CommandOption,
  CommandOptions,
  GivenOptions,
} from './model/command.ts'
export type { Config, TaskSource } from './model/config.ts'
export type {
  Change,
  Context,
  Drift,
  DriftContext,
  Exec,
  ExecOptions,
  ExecResult,
  ExplainContext,
  Fetched,
  FetchOptions,
  KeepOptions,
  LastKnown,
  Previous,
  ProbeContext,
  Progress,
  ReadyContext,
  Recorded,
  ServiceContext,
  UndoContext,
  UnpackOptions,
} from './model/context.ts'
export { type ErrorFamily, type ErrorOptions, LakituError } from './model/error.ts'
export type { LookedAtValues, NeedValues } from './model/handle.ts'
export type { Input, Inputs, InputValues, ValueInput } from './model/input.ts'
export type { Secret, SecretSource } from './model/secret.ts'
export type { AnyTask, Needs, Output, Service, Task } from './model/task.ts'
export { canonicalJson } from './util/canonical.ts'
export { bytes, count, duration, listing, nearest } from './util/text.ts'
