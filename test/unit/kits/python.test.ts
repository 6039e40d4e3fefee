import { writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecResult, Task } from 'lakitu'
import { describe, expect, test } from 'vitest'
import { type Installed, pipInstall, venv } from '../../../src/kits/python/index.ts'
import { choosePython, familyOf } from '../../../src/kits/python/interpreter.ts'
import { install } from '../../../src/kits/python/pip.ts'
import { makeVenv } from '../../../src/kits/python/venv.ts'
import { type Answer, kitContext } from '../../support/context.ts'
import { testFolder } from '../../support/folder.ts'

const range = { oldest: 11, newest: 13 }

/** A machine with these Pythons on PATH. */
function machine(pythons: Readonly<Record<string, readonly [version: string, ensurepip?: boolean]>>): Answer {
  return (program) => {
    const [version, ensurepip = true] = pythons[program] ?? []
    if (version === undefined) return { code: 127, stderr: 'not found' }
    return { stdout: `${JSON.stringify({ version: version.split('.').map(Number), ensurepip })}\n` }
  }
}

describe('the Python that is chosen', () => {
  test.each<readonly [string, Parameters<typeof machine>[0]]>([
    ['python3', { python3: ['3.12.3'], 'python3.13': ['3.13.1'] }],
    ['python3.13', { python3: ['3.14.0'], 'python3.13': ['3.13.1'], 'python3.11': ['3.11.2'] }],
    ['python3.11', { python3: ['3.9.2'], 'python3.11': ['3.11.2'] }],
    ['python3.12', { python3: ['3.11.2', false], 'python3.12': ['3.12.3'] }],
  ])('is %s among %j', async (program, pythons) => {
    const { ctx } = kitContext('/', machine(pythons))
    expect(await choosePython(ctx, range)).toMatchObject({ program })
  })

  test('is not there: every name is told with what is wrong with it', async () => {
    const { ctx } = kitContext('/', machine({ python3: ['3.14.0'], 'python3.12': ['3.12.3', false] }))
    await expect(choosePython(ctx, range)).rejects.toMatchObject({
      code: 'E_NO_PYTHON',
      family: 'world',
      message: 'There is no Python 3.11, 3.12 or 3.13 with its venv module here',
      facts: {
        python3: 'is 3.14.0',
        'python3.13': 'not here',
        'python3.12': 'is 3.12.3, without venv',
        'python3.11': 'not here',
      },
    })
  })

  test.each([
    ['ID=debian\nVERSION_ID="12"\n', 'debian'],
    ['NAME=x\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
    ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'suse'],
    ['ID=arch\n', 'arch'],
    ['ID=plan9\n', undefined],
    ['', undefined],
  ])('of the system %j the family is %s', (text, family) => {
    expect(familyOf(text)).toBe(family)
  })
})

test('a virtual environment is made by the Python that was chosen', async () => {
  const answer = machine({ python3: ['3.9.2'], 'python3.12': ['3.12.3'] })
  const { ctx, said } = kitContext('/', answer)
  expect(await makeVenv(ctx, { folder: '.cache/venv', python: range })).toEqual({
    folder: '.cache/venv',
    python: '3.12.3',
  })
  expect(said.programs.at(-1)).toBe('python3.12 -m venv .cache/venv')
})

describe('pip', () => {
  const wanted = {
    package: 'ansible-core',
    requirements: 'ansible/requirements.txt',
    folder: '.cache/venv',
    python: '3.12.3',
  }

  interface Pip {
    readonly root?: string
    /** What pip answers. */
    readonly result?: Partial<ExecResult>
    /** What it downloads. */
    readonly file?: string
    readonly offline?: boolean
  }

  /** `asked`: the calls of pip, as words. */
  async function pip({ root, result = {}, file = 'ansible_core-2.19.14-py3-none-any.whl', offline = false }: Pip = {}) {
    const folder = root ?? (await testFolder())
    await mkdir(join(folder, 'ansible'), { recursive: true })
    await writeFile(join(folder, wanted.requirements), 'ansible-core==2.19.14 --hash=sha256:00\n')
    const asked: string[] = []
    const answer: Answer = (_program, args) => {
      if (!args.includes('pip')) return { stdout: '2.19.14\n' }
      asked.push(args.join(' ').replaceAll(folder, ''))
      const to = args[args.indexOf('-d') + 1]
      if (args.includes('download') && to && (result.code ?? 0) === 0) writeFileSync(join(to, file), 'a wheel')
      return result
    }
    return { ...kitContext(folder, answer, { offline }), root: folder, asked }
  }

  const fetches = /^-m pip download --require-hashes --no-input --progress-bar off -d \S+ -r ansible\/requirements.txt$/
  const options = '--require-hashes --force-reinstall --no-input --progress-bar off'
  const installs = new RegExp(`^-m pip install ${options} --no-index --find-links \\S+ -r ansible/requirements.txt$`)

  test('fetches only what is pinned by hash, and installs it into the environment without asking anybody', async () => {
    const { ctx, asked, said, root } = await pip()
    expect(await install(ctx, wanted)).toEqual({ package: 'ansible-core', version: '2.19.14' })
    expect(asked).toEqual([expect.stringMatching(fetches), expect.stringMatching(installs)])
    expect(said.programs[0]).toContain(`${root}/.cache/venv/bin/python3 `)
  })

  test('fetches nothing twice, and works offline from what was fetched', async () => {
    const { ctx, root } = await pip()
    await install(ctx, wanted)
    const again = await pip({ root, offline: true })
    expect(await install(again.ctx, wanted)).toEqual({ package: 'ansible-core', version: '2.19.14' })
    expect(again.asked).toEqual([expect.stringMatching(installs)])
  })

  test('offline says what is missing, and does not even ask pip', async () => {
    const { ctx, asked } = await pip({ offline: true })
    await expect(install(ctx, wanted)).rejects.toMatchObject({ code: 'E_OFFLINE', family: 'world' })
    expect(asked).toEqual([])
  })

  test.each<[string, Partial<typeof wanted>, string]>([
    ['pins', {}, 'other==1 --hash=sha256:11\n'],
    ['Python', { python: '3.13.0' }, ''],
  ])('fetches anew for other %s', async (_what, other, more) => {
    const { ctx, root, asked } = await pip()
    await install(ctx, wanted)
    await writeFile(join(root, wanted.requirements), `ansible-core==2.19.14 --hash=sha256:00\n${more}`)
    await install(ctx, { ...wanted, ...other })
    expect(asked.filter((line) => fetches.test(line))).toHaveLength(2)
  })

  test('may ask the index for what it takes to build what is no wheel', async () => {
    const { ctx, asked } = await pip({ file: 'ansible_core-2.19.14.tar.gz' })
    await install(ctx, wanted)
    expect(asked[1]).toMatch(/ --find-links /)
    expect(asked[1]).not.toContain('--no-index')
  })

  test.each([
    [
      'NewConnectionError: [Errno -3] Temporary failure in name resolution\nERROR: No matching distribution found for x',
      { code: 'E_UNREACHABLE', family: 'world', message: expect.stringContaining('no package index can be reached') },
    ],
    [
      'ERROR: Could not find a version that satisfies the requirement x (from versions: none)',
      { code: 'E_UNREACHABLE', next: expect.stringContaining('PIP_INDEX_URL') },
    ],
    [
      'SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED))\nERROR: No matching distribution found for x',
      { code: 'E_UNREACHABLE', next: expect.stringContaining('PIP_CERT') },
    ],
    [
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
      { code: 'E_WRONG_SUM', family: 'task' },
    ],
    [
      'ERROR: In --require-hashes mode, all requirements must have their versions pinned',
      { code: 'E_PIP', facts: { pip: 'In --require-hashes mode, all requirements must have their versions pinned' } },
    ],
  ])('that ends with %j is told as what it is', async (stderr, expected) => {
    const { ctx } = await pip({ result: { code: 1, stderr } })
    await expect(install(ctx, wanted)).rejects.toMatchObject(expected)
  })
})

test('the tasks declare the folder, and what is added to it', () => {
  const environment = venv()
  const made: Task<Installed> = pipInstall('ansible-install', {
    venv: environment,
    package: 'ansible-core',
    requirements: 'ansible/requirements.txt',
    programs: ['ansible-playbook', 'ansible'],
  })
  expect(environment.definition.outputs).toEqual([
    { kind: 'witness', folder: '.cache/venv', files: ['pyvenv.cfg', 'bin/python3'] },
  ])
  expect(environment.definition.portable).toBe(false)
  expect(made.definition.outputs).toEqual([
    { kind: 'updates', of: environment, files: ['bin/ansible-playbook', 'bin/ansible'] },
  ])
  expect(made.definition.needs()).toEqual({ venv: environment })
})
