import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { files, value } from '../../../src/define/inputs.ts'
import { witness } from '../../../src/define/outputs.ts'
import { task } from '../../../src/define/task.ts'
import { recorded } from '../../support/compiling.ts'
import { type TestProject, testProject } from '../../support/project.ts'

describe('ctx.read', () => {
  /** Looks for a header in src, then in inc. */
  const looking = () =>
    testProject(() => [
      task('find', {
        outputs: ['out'],
        inputs: [value(1)],
        run: ({ read }) => project(read('src/a.h') ?? read('inc/a.h') ?? 'nowhere'),
      }),
    ])
  let project: (text: string) => void = () => {}
  const open = async () => {
    const made = await looking()
    project = (text) => made.write('out', text)
    return made
  }

  it('answers the text, and what is not there counts as well: a file that shadows is a reason', async () => {
    const found = await open()
    found.write('inc/a.h', 'inc')
    await found.run('find')
    expect(found.open().state.history('find', 'task').success?.discovered).toEqual({
      'inc/a.h': expect.stringMatching(/^file/),
      'src/a.h': 'absent',
    })
    expect((await found.run('find')).ran).toEqual([])
    found.write('src/a.h', 'src')
    expect(await found.run('find')).toMatchObject({ ran: ['find'], why: { find: ['discovered › src/a.h is new'] } })
    expect(found.read('out')).toBe('src')
    expect(recorded(found, 'find')).toEqual(['src/a.h'])
    found.write('inc/a.h', 'no longer read')
    expect((await found.run('find')).ran).toEqual([])
    found.remove('src/a.h')
    expect((await found.run('find')).why).toEqual({ find: ['discovered › src/a.h is gone'] })
    expect(found.read('out')).toBe('no longer read')
  })

  it('below a file finds nothing, and a link that leads nowhere is nothing', async () => {
    const found = await open()
    found.write('src', 'a file')
    mkdirSync(found.path('inc'))
    symlinkSync('nowhere', found.path('inc/a.h'))
    await found.run('find')
    expect(found.read('out')).toBe('nowhere')
    expect((await found.run('find')).ran).toEqual([])
    found.write('inc/nowhere', 'now')
    await found.run('find')
    expect(found.read('out')).toBe('now')
  })

  it('of a path that moves afterwards makes the task run once more', async () => {
    let runs = 0
    const found = await testProject(() => [
      task('a', {
        inputs: [value(1)],
        run: ({ read }) => {
          const text = read('x')
          runs += 1
          if (runs === 1) found.write('x', 'later')
          return text ?? null
        },
      }),
    ])
    expect((await found.run('a')).ran).toEqual(['a', 'a'])
    expect(found.open().state.history('a', 'task').success?.value).toBe('later')
  })

  it('lists a declared input, and what the task itself made, not once more', async () => {
    const found = await testProject(() => [
      task('a', {
        inputs: { src: files('src') },
        outputs: ['out', 'build'],
        run: ({ read }) => {
          found.write('out', `${read('src')}`)
          found.write('build/x', '1')
          return [read('out'), read('./build/x'), read(found.path('src'))]
        },
      }),
    ])
    found.write('src', 'text')
    await found.run('a')
    const { success } = found.open().state.history('a', 'task')
    expect([success?.value, success?.discovered]).toEqual([['text', '1', 'text'], undefined])
  })

  it('of a folder is an error that says what to do', async () => {
    const found = await testProject(() => [task('a', { inputs: [value(1)], run: ({ read }) => read('src') ?? '' })])
    found.write('src/x', '')
    expect((await found.run('a')).endings['a']).toMatchObject({
      error: { code: 'E_NOT_A_FILE', headline: 'Task a wants to read src, which is a folder', family: 'usage' },
    })
  })
})

describe('what another task makes', () => {
  const generating = (needs: 'none' | 'direct' | 'through another', how: 'depfile' | 'read') =>
    testProject(async_(needs, how))
  let made: TestProject
  const async_ = (needs: string, how: string) => () => {
    const gen = task('gen', {
      inputs: { from: files('gen.txt') },
      outputs: ['build/gen.h'],
      run: () => made.write('build/gen.h', made.read('gen.txt')),
    })
    const headers = task('headers', { needs: { gen } })
    const use = task('use', {
      needs: needs === 'direct' ? { gen } : needs === 'none' ? {} : { headers },
      inputs: [value(1)],
      outputs: ['out'],
      ...(how === 'depfile' ? { depfile: 'out.d' } : {}),
      run: ({ read }) => {
        made.write('out', (how === 'read' ? read('build/gen.h') : made.read('build/gen.h')) ?? 'none')
        if (how === 'depfile') made.write('out.d', 'out: build/gen.h')
      },
    })
    return [gen, use]
  }
  const start = async (needs: 'none' | 'direct' | 'through another', how: 'depfile' | 'read') => {
    made = await generating(needs, how)
    made.write('gen.txt', 'g1')
    return made
  }

  it.each(['depfile', 'read'] as const)('without being a need fails the run (%s)', async (how) => {
    const project = await start('none', how)
    await project.run('gen')
    const { endings } = await project.run('use')
    expect(endings['use']).toMatchObject({
      error: {
        code: 'E_UNDECLARED_NEED',
        headline: 'use read build/gen.h, which gen makes: it needs gen',
        next: 'Add gen to the needs of use, so that it runs first.',
        family: 'usage',
      },
    })
    expect((await project.run('use')).ran).toEqual(['use'])
  })

  it('fails it also where the function catches the error, and where links lead there', async () => {
    const project = await testProject(() => [
      task('gen', { inputs: [value(1)], outputs: ['build/gen.h'], run: () => project.write('build/gen.h', 'g') }),
      task('use', {
        inputs: [value(1)],
        run: ({ read }) => {
          try {
            return read('link/gen.h') ?? ''
          } catch {
            return ''
          }
        },
      }),
    ])
    symlinkSync('build', project.path('link'))
    await project.run('gen')
    expect((await project.run('use')).endings['use']).toMatchObject({ error: { code: 'E_UNDECLARED_NEED' } })
  })

  it.each([
    ['direct', 'depfile'],
    ['direct', 'read'],
    ['through another', 'depfile'],
    ['through another', 'read'],
  ] as const)('and is needed, %s, is an input like others (%s)', async (needs, how) => {
    const project = await start(needs, how)
    const order = needs === 'direct' ? ['gen', 'use'] : ['gen', 'headers', 'use']
    // Not twice, though what it reads was made this very moment.
    expect((await project.run('use')).ran).toEqual(order)
    expect((await project.run('use')).ran).toEqual([])
    project.write('gen.txt', 'g2')
    const plan = await project.plan('use')
    expect([plan['gen'], plan['use']]).toEqual(['will', 'may'])
    expect((await project.run('use')).ran).toEqual(order)
    expect(project.read('out')).toBe('g2')
  })

  it('promises nothing for what was edited by hand and is about to be made again', async () => {
    const project = await start('through another', 'depfile')
    await project.run('use')
    project.write('build/gen.h', 'by hand')
    expect(await project.plan('use')).toEqual({ gen: 'will', headers: 'may', use: 'may' })
    expect(await project.run('use')).toMatchObject({ ran: [], restored: ['gen'] })
  })

  it('since the config changed is a reason to run, and then an error', async () => {
    let generated = false
    const project = await testProject(() => [
      ...(generated
        ? [task('gen', { inputs: [value(1)], outputs: ['a.h'], run: () => project.write('a.h', 'a') })]
        : []),
      task('use', { inputs: [value(1)], run: ({ read }) => read('a.h') ?? '' }),
    ])
    project.write('a.h', 'a')
    await project.run('use')
    generated = true
    expect(await project.plan('use')).toEqual({ use: 'will' })
    const { why, endings } = await project.run('use')
    expect(why['use']).toEqual(['discovered › a.h: made by no task → made by gen'])
    expect(endings['use']).toMatchObject({ error: { code: 'E_UNDECLARED_NEED' } })
  })

  it('in a folder that the task adds to is its own business', async () => {
    const project = await testProject(() => {
      const venv = task('venv', {
        inputs: [value(1)],
        outputs: [witness('venv', 'cfg')],
        run: () => {
          project.write('venv/cfg', '')
          project.write('venv/lib', '')
        },
      })
      return [
        task('install', {
          outputs: [{ kind: 'updates', of: venv, files: ['installed'] }],
          run: ({ read }) => {
            project.write('venv/lib', `${read('venv/lib')}+`)
            project.write('venv/installed', '')
          },
        }),
      ]
    })
    expect((await project.run('install')).ran).toEqual(['venv', 'install'])
    expect((await project.run('install')).ran).toEqual([])
  })
})
