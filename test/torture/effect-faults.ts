import type { Fault } from './fault.ts'

/** What can go wrong with effects. */
export const effectFaults: readonly Fault[] = [
  {
    name: 'probe trusted after a crash',
    file: 'engine/check.ts',
    right: 'const attempt = attemptReasons(history)',
    wrong:
      "const attempt = node.definition.effect && history.success && history.last === 'crashed' ? [] : attemptReasons(history)",
    within: 300,
  },
  {
    name: 'unknown counted as fresh',
    file: 'engine/check.ts',
    right: "case 'unknown':\n",
    wrong: "case 'unknown':\n      return []\n",
    within: 100,
  },
  {
    name: 'intent of an effect not written',
    file: 'engine/execute.ts',
    right: 'if (keepsRecord(node)) state.write(kind, intentOf(attempt, now, foreign))',
    wrong: "if (kind !== 'effect' && keepsRecord(node)) state.write(kind, intentOf(attempt, now, foreign))",
    within: 100,
  },
  {
    name: 'records of effects not synced',
    file: 'state/project.ts',
    right: "this.writers[book].append(entry, book === 'effects')",
    wrong: 'this.writers[book].append(entry, false)',
    within: 2000,
  },
  {
    name: 'folder of the state not synced',
    file: 'state/project.ts',
    right: 'if (this.knownTreeId() === undefined) this.disk.syncFolder(this.root)',
    wrong: '',
    within: 300,
  },
  {
    name: 'note after creation',
    file: 'engine/context.ts',
    right: "state.write('effect', { type: 'note', task: node.name, key, value: noted })",
    wrong:
      "void ports.clock.wait(1000).then(() => state.write('effect', { type: 'note', task: node.name, key, value: noted }))",
    within: 100,
  },
  {
    name: 'notes dropped by a new attempt',
    file: 'model/record.ts',
    right: "return { ...others, last: 'crashed', inputs: entry.inputs, foreign, ...secrets }",
    wrong: "return { ...others, notes: {}, last: 'crashed', inputs: entry.inputs, foreign, ...secrets }",
    within: 150,
  },
  {
    name: "undo from today's config",
    file: 'engine/undo.ts',
    right: 'inputs: { ...deepFreeze(inputs ?? {}), ...Object.fromEntries(handles) }',
    wrong:
      'inputs: { ...deepFreeze(inputs ?? {}), ...Object.fromEntries([...handles, ' +
      "...effect.inputs.flatMap(({ name, input }) => (input.kind === 'value' ? [[name, input.content()]] : []))]) }",
    within: 1500,
  },
  {
    name: 'an undo begins without an intent',
    file: 'engine/undo.ts',
    right: "state.write('effect', { type: 'intent', task: effect.name, at: ports.clock.now(), ...read })",
    wrong: '',
    within: 1500,
  },
  {
    name: 'only what is named is undone',
    file: 'graph/build.ts',
    right: 'if (node.requires.some((need) => undone.has(need))) undone.add(node)',
    wrong: '',
    within: 150,
  },
  {
    name: "effect's value taken before the run",
    file: 'engine/execute.ts',
    right: "const value = kind === 'effect' ? await observed() : acted.value",
    wrong: "const value = kind === 'effect' ? (history.success?.value ?? (await observed())) : acted.value",
    within: 100,
  },
  {
    name: 'first answer of the probe taken',
    file: 'engine/probe.ts',
    right: 'for (;;) {\n',
    wrong: "if (last.kind === 'value') return last.value\n  for (;;) {\n",
    within: 100,
  },
  {
    name: 'abandoned effects not named',
    file: 'engine/forget.ts',
    right: "isGone(graph, one) && one.history.last !== 'undone'",
    wrong: 'isGone(graph, one) && one.history.last === undefined',
    within: 300,
  },
]
