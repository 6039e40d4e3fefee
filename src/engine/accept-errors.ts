import type { Node } from '../graph/graph.ts'
import { LakituError } from '../model/error.ts'
import { type Reason, reasonText } from '../model/reason.ts'
import type { TreePath } from '../util/paths.ts'
import type { Observation } from './probe.ts'

export function noRecordToWrite({ name, definition }: Node): LakituError {
  return new LakituError({
    code: 'E_NOTHING_TO_ACCEPT',
    headline:
      definition.kind === 'service'
        ? `${name} is a service and has no record, so there is nothing to accept`
        : `${name} runs every time and has no record, so there is nothing to accept`,
    facts: { declared: definition.site },
    next: `lakitu ${name}`,
    family: 'usage',
  })
}

export function needStale({ name }: Node, why: Reason | undefined): LakituError {
  return new LakituError({
    code: 'E_NEED_STALE',
    headline: `${name} is needed and not fresh, so what was made from it cannot be accepted`,
    facts: { [name]: why && reasonText(why) },
    next: `lakitu ${name} brings it up to date; if what is there is right, name it as well: lakitu accept ${name} …`,
    family: 'usage',
  })
}

export function outputGone({ name, definition }: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_OUTPUT_MISSING',
    headline: `${name} cannot be accepted: its output ${path} is not there`,
    facts: { declared: definition.site },
    next: `lakitu ${name} makes it.`,
  })
}

export function valueUnknown({ name, definition }: Node): LakituError {
  return new LakituError({
    code: 'E_VALUE_UNKNOWN',
    headline: `${name} has never run here, and only a run tells what its function returns`,
    facts: { declared: definition.site },
    next: `lakitu ${name}`,
    family: 'usage',
  })
}

export function readsUnknown({ name, definition }: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_READS_UNKNOWN',
    headline: `What ${name} reads is not known: ${path} cannot be read, and nothing is recorded`,
    facts: { declared: definition.site },
    next: `lakitu ${name} finds out.`,
  })
}

export function probeDisagrees({ name }: Node, seen: Observation): LakituError {
  const saw = { gone: 'nothing there', unknown: seen.kind === 'unknown' ? seen.why : '', value: 'answers that differ' }
  return new LakituError({
    code: 'E_NOT_SETTLED',
    headline: `${name} cannot be accepted: its probe does not answer the same twice`,
    facts: { probe: saw[seen.kind] },
    next: `lakitu ${name} brings it about.`,
    family: 'world',
  })
}

export function inputMoved({ name }: Node, path: TreePath): LakituError {
  return new LakituError({
    code: 'E_INPUT_MOVED',
    headline: `${path} changed while ${name} was being accepted`,
    facts: { task: name, input: path },
    next: 'Run the same command again; let nothing write to it meanwhile.',
  })
}
