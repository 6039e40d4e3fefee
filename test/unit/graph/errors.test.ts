import { describe, expect, it } from 'vitest'
import { files } from '../../../src/define/inputs.ts'
import { input, output, updates, witness } from '../../../src/define/outputs.ts'
import { secret } from '../../../src/define/secret.ts'
import { effect, task, undo } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import type { TaskSource } from '../../../src/model/config.ts'
import { LakituError } from '../../../src/model/error.ts'
import type { AnyTask } from '../../../src/model/task.ts'
import { treePath } from '../../../src/util/paths.ts'

/** Code, headline, facts and next step of the error that loading these tasks gives; places as names of tasks. */
function errorOf(tasks: () => TaskSource): string {
  try {
    buildGraph({ tasks: tasks() }, '/project', { configPath: treePath('/project', 'lakitu.config.ts') })
  } catch (error) {
    if (!(error instanceof LakituError)) throw error
    expect(error.family).toBe('usage')
    const facts = Object.keys(error.facts).map((name) => `${name}: …`)
    return [`${error.code}: ${error.message}`, ...facts, error.next].join('\n')
  }
  return 'loads'
}

const command = ['true']
/** As after a circular import: the binding is not there yet. */
const absent: AnyTask = JSON.parse('{}').task

describe('a config that cannot be right is one clear error', () => {
  it('circle', () => {
    const a: AnyTask = task('a', { needs: () => ({ b }), command })
    const b: AnyTask = task('b', { needs: { c: task('c', { needs: () => ({ a }), command }) }, command })
    expect(errorOf(() => [b])).toBe(
      'E_CYCLE: Tasks need each other in a circle: b → c → a → b\nb: …\nc: …\na: …\nTake one of these needs away.',
    )
  })

  it('circle by after, and of one task with itself', () => {
    const a: AnyTask = task('a', { after: () => [b], command })
    const b: AnyTask = task('b', { needs: { a }, command })
    expect(errorOf(() => [a])).toMatch('E_CYCLE: Tasks need each other in a circle: a → b → a')
    const self: AnyTask = task('self', { needs: () => ({ self }), command })
    expect(errorOf(() => [self])).toMatch('circle: self → self')
  })

  it('circle by a path that is made', () => {
    const a = task('a', { inputs: [files('made-by-b')], outputs: ['made-by-a'], command })
    const b = task('b', { inputs: [files('made-by-a')], outputs: ['made-by-b'], command })
    expect(errorOf(() => [a, b])).toMatch('circle: a → b → a')
  })

  it('double name', () => {
    expect(errorOf(() => [task('apply', { command }), task('apply', { command })])).toBe(
      'E_DOUBLE_NAME: Two tasks have the name apply\nfirst: …\nsecond: …\nGive one of them another name.',
    )
  })

  it('an alias that is a name', () => {
    expect(errorOf(() => [task('smoke', { command }), task('smoke-test', { alias: 'smoke', command })])).toMatch(
      'E_DOUBLE_NAME: Two tasks have the name smoke\n',
    )
  })

  it.each(['list', 'watch', 'why', 'plan', 'help'])('the name of a command: %s', (name) => {
    expect(errorOf(() => [task(name, { command })])).toMatch(
      `E_TASK_NAME: The task name "${name}" is the name of a command of lakitu\ndeclared: …\n`,
    )
  })

  it.each(['', '-x', 'a b', '../x', 'a\nb', '.'])('a name that is none: %j', (name) => {
    expect(errorOf(() => [task(name, { command })])).toMatch(
      `E_TASK_NAME: The task name ${JSON.stringify(name)} has characters that a task name cannot have`,
    )
  })

  it('a need that is not there, as in a circular import', () => {
    expect(errorOf(() => [task('app', { needs: { gen: absent }, command })])).toBe(
      'E_UNKNOWN_NEED: needs.gen of task app is undefined, not a task\ndeclared: …\n' +
        'Name a task there. If two modules import each other, write needs as a function: needs: () => ({ … }).',
    )
  })

  it.each<[string, () => AnyTask]>([
    ['after of task x', () => task('x', { after: [absent], command })],
    ['needs.0 of task x', () => task('x', { needs: [absent], command })],
    ['updates of task x', () => task('x', { outputs: [updates(absent, 'f')], command })],
    ['input in the command of task x', () => task('x', { command: ['cat', input(absent)] })],
    ['inputs.part of task x', () => task('x', { inputs: { part: input(absent, '*.ts') } })],
    ['input in the command of task x', () => task('x', { command: ['cat', input([absent])] })],
    ['effects of task x', () => undo('x', [absent])],
  ])('nor in %s', (where, make) => {
    expect(errorOf(() => [make()])).toMatch(`E_UNKNOWN_NEED: ${where} is undefined, not a task`)
  })

  it('two tasks that make one file', () => {
    const tasks = () => [
      task('debug', { command: ['cc', output('build/app')] }),
      task('release', { command: ['cc', output('./build/x/../app')] }),
    ]
    expect(errorOf(tasks)).toBe(
      "E_DOUBLE_OUTPUT: Tasks debug and release both make build/app, or one makes a file inside the other's folder\n" +
        'debug: …\nrelease: …\nLet each path be made by one task alone.',
    )
  })

  it.each([
    ['one inside the other', 'build', 'build/app'],
    ['one deep inside the other', 'build', 'build/a/b/c'],
    ['equal on a disk that folds case', 'build/App', 'build/app'],
    ['nested on a disk that folds case', 'Build', 'build/app'],
    ['equal in two Unicode forms', 'caf\u00e9', 'cafe\u0301'],
  ])('two outputs, %s', (_how, one, other) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ]) {
      const tasks = () => [
        task('a', { outputs: [first ?? ''], command }),
        task('b', { outputs: [second ?? ''], command }),
      ]
      expect(errorOf(tasks)).toMatch(/^E_DOUBLE_OUTPUT: Tasks (a and b|b and a) both make /)
    }
  })

  it('but not names that only begin alike', () => {
    expect(errorOf(() => [task('a', { outputs: ['build/app', 'build/app.map', 'build.log'], command })])).toBe('loads')
  })

  it('one task with an output twice', () => {
    expect(errorOf(() => [task('a', { outputs: ['out', 'out/x'], command })])).toMatch(
      'E_DOUBLE_OUTPUT: Task a declares the output out/x twice, or one inside the other',
    )
  })

  it('a file inside the witness folder of another task, unless it updates that', () => {
    const venv = task('venv', { outputs: [witness('.cache/venv', 'bin/python')], command })
    expect(errorOf(() => [venv, task('x', { outputs: ['.cache/venv/bin/x'], command })])).toMatch('E_DOUBLE_OUTPUT')
    const pip = (name: string) => task(name, { outputs: [updates(venv, 'bin/ansible')], command })
    expect(errorOf(() => [pip('pip')])).toBe('loads')
    expect(errorOf(() => [pip('pip'), pip('pip-too')])).toMatch(
      'E_DOUBLE_OUTPUT: Tasks pip and pip-too both make .cache/venv/bin/ansible',
    )
  })

  it('a witness folder without a file that tells its state', () => {
    expect(errorOf(() => [task('venv', { outputs: [witness('.cache/venv')], command })])).toMatch(
      "E_WITNESS: witness('.cache/venv') of venv names no file that tells its state",
    )
  })

  it('updates of a task without a witness folder', () => {
    const a = task('a', { outputs: ['a'], command })
    expect(errorOf(() => [task('b', { outputs: [updates(a, 'x')], command })])).toMatch(
      'E_UPDATES: a has no witness folder to update',
    )
  })

  it.each(['.', '', '/etc/passwd', '../sibling', '/'])('an output outside the project, or all of it: %j', (path) => {
    expect(errorOf(() => [task('a', { outputs: [path], command })])).toMatch(
      /^E_OUTPUT_PLACE: Task a makes \S+, which is not inside the project\ndeclared: …\nChoose a path below the project root, for example below \.cache\/ or build\/\.$/,
    )
  })

  it.each([
    '.git',
    '.git/hooks/x',
    '.lakitu',
    '.lakitu/journal',
    '.cache',
    '.cache/lakitu',
    '.cache/lakitu/x',
    'lakitu.config.ts',
  ])("an output that is not a task's to make: %s", (path) => {
    expect(errorOf(() => [task('a', { outputs: [path], command })])).toMatch(
      `E_OUTPUT_PLACE: Task a makes ${path}, which is not a task's to make`,
    )
  })

  it('but one whose name only begins with two dots is inside', () => {
    expect(errorOf(() => [task('a', { outputs: ['..data', '.github/x', '.cachette'], command })])).toBe('loads')
  })

  it('a task that reads what it makes', () => {
    expect(errorOf(() => [task('a', { inputs: [files('data')], outputs: ['data'], command })])).toBe(
      'E_OWN_INPUT: Task a has data both as an input and as an output\ndeclared: …\nWrite to another path.',
    )
  })

  it.each(['data/x', 'data/*.c', 'data/**'])('a task whose input %s lies in the folder that it makes', (pattern) => {
    expect(errorOf(() => [task('a', { inputs: [files(pattern)], outputs: ['data'], command })])).toMatch('E_OWN_INPUT')
  })

  it('a command and a run function', () => {
    expect(errorOf(() => [task('a', { command, run: () => undefined })])).toBe(
      'E_TWO_ACTIONS: Task a has both a command and a run function\ndeclared: …\n' +
        'Keep one of them; run can start programs with ctx.exec.',
    )
  })

  it('outputs without a way to make them, and a command without a program', () => {
    expect(errorOf(() => [task('a', { outputs: ['x'] })])).toMatch(
      'E_NO_ACTION: Task a declares outputs but does not say how they are made',
    )
    expect(errorOf(() => [task('a', { command: [] })])).toMatch('E_NO_ACTION: The command of task a has no program')
  })

  it('a part of what a task makes as a word of a command', () => {
    const gen = task('gen', { outputs: ['gen'], command: ['true'] })
    expect(errorOf(() => [task('a', { command: ['cat', input(gen, '*.ts')] })])).toBe(
      'E_PART_IN_COMMAND: The command of a names a part of what a task makes (*.ts), whose paths only a run tells\ndeclared: …\n' +
        'Put it among the inputs, inputs: [input(task, pattern)], and give the program the folder; or write a run function.',
    )
  })

  it('a secret in a file that a task makes', () => {
    const gen = task('gen', { outputs: ['gen'], command: ['true'] })
    expect(errorOf(() => [gen, task('a', { inputs: [secret({ file: 'gen/token' })] })])).toBe(
      'E_SECRET_PLACE: The secret file gen/token of a is made by gen, so it would be recorded and kept like any output\ndeclared: …\n' +
        'Keep secrets in files that no task makes, for example below .lakitu/.',
    )
  })

  it('input(task) of a task that makes no file', () => {
    const ping = effect('ping', { probe: () => 1, run: () => {} })
    expect(errorOf(() => [task('a', { command: ['cat', input(ping)] })])).toBe(
      'E_NO_OUTPUTS: input(ping) in the command of a names a task that makes no files\ndeclared: …\nping: …\n' +
        'Give ping outputs, or put it into needs.',
    )
  })
})
