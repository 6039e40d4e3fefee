import { type Exec, type ExecResult, LakituError } from 'lakitu'
import { hasProgram, installCommands, installTools, mayBeRoot, type ToolNeed, toolNeeds } from 'lakitu/kits/host'
import { afterEach, describe, expect, test } from 'vitest'

const nothing: ExecResult = { code: 0, stdout: '', stderr: '' }
const PATH = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = PATH
})

test('programs are found in PATH and among those of root', () => {
  expect(hasProgram('sh')).toBe(true)
  expect(hasProgram('no-such-program')).toBe(false)
  process.env['PATH'] = '/nowhere'
  expect(hasProgram('sh')).toBe(false)
})

describe('installCommands', () => {
  const lxc = toolNeeds('lxc')

  test.each([
    [
      'apt',
      [
        'sudo apt-get update && sudo apt-get install --no-install-recommends vagrant vagrant-lxc lxc debootstrap iproute2 sudo openssh-client python3-venv',
      ],
    ],
    [
      'dnf',
      [
        'sudo dnf install vagrant lxc lxc-templates debootstrap iproute sudo openssh-clients python3',
        'vagrant plugin install vagrant-lxc',
      ],
    ],
    [
      'pacman',
      ['sudo pacman -S vagrant lxc debootstrap iproute2 sudo openssh python', 'vagrant plugin install vagrant-lxc'],
    ],
  ] as const)('LXC with %s', (manager, commands) => {
    expect(installCommands(lxc, manager)).toEqual(commands)
  })

  test('VirtualBox with brew', () => {
    expect(installCommands(toolNeeds('virtualbox'), 'brew')).toEqual([
      'brew install openssh python',
      'brew install --cask hashicorp/tap/hashicorp-vagrant',
      'brew install --cask virtualbox',
    ])
  })

  test('hosts that exist need ssh and Python alone', () => {
    expect(toolNeeds('ssh').map(({ name }: ToolNeed) => name)).toEqual(['ssh', 'python3 with venv'])
  })
})

test('where nothing can be installed, nothing is begun: the commands are told', async () => {
  process.env['PATH'] = '/nowhere'
  const calls: string[] = []
  const context = {
    exec: (program: string) => {
      calls.push(program)
      return Promise.resolve(nothing)
    },
    confirm: () => Promise.resolve(true),
    log: () => {},
    progress: () => {},
  }
  await expect(installTools(context, 'ssh')).rejects.toMatchObject({
    code: 'E_TOOLS_MISSING',
    family: 'world',
    message: 'This computer lacks ssh and python3 with venv',
    next: 'Install ssh and python3 with venv by hand.',
  })
  expect(calls).toEqual([])
})

test('a user without sudo is not root, whatever else: the commands to type are shown then', async () => {
  const noSudo: Exec = async () => {
    throw new LakituError({ code: 'E_TOOL_MISSING', headline: 'The program sudo is not there' })
  }
  expect(await mayBeRoot(noSudo, 1000)).toBe(false)
  const asks: Exec = async () => ({ code: 1, stdout: '', stderr: 'sudo: a password is required' })
  expect(await mayBeRoot(asks, 1000)).toBe(false)
  const free: Exec = async () => ({ code: 0, stdout: '', stderr: '' })
  expect(await mayBeRoot(free, 1000)).toBe(true)
  expect(await mayBeRoot(noSudo, 0)).toBe(true)
})
