import { describe, expectTypeOf, it } from 'vitest'
import { env, files, tool, value } from '../../../src/define/inputs.ts'
import { effect, task } from '../../../src/define/task.ts'
import type { Task } from '../../../src/model/task.ts'

/** Held by the compiler: these tests fail where `tsc` does. */
describe('without a cast, a type goes', () => {
  const port = task('port', { run: () => 8080 })
  const names = ['a', 'b'].map((name) => task(name, { run: () => ({ name }) }))
  const maybe = task('maybe', {
    mayBeLeftOut: true,
    run: ({ leaveOut }) => (Math.random() > 2 ? leaveOut('why') : 'here'),
  })
  const silent = task('silent', { command: ['true'] })
  const machines = effect('machines', { probe: () => ({ one: 'id' }), run: () => {} })

  it('from what run returns to those who need it, lists and left-out tasks too', () => {
    expectTypeOf(port).toEqualTypeOf<Task<number>>()
    expectTypeOf(maybe).toEqualTypeOf<Task<string | undefined>>()
    task('all', {
      needs: { port, names, maybe, silent, machines },
      run: ({ needs }) => {
        expectTypeOf(needs.port).toEqualTypeOf<number>()
        expectTypeOf(needs.names).toEqualTypeOf<readonly { name: string }[]>()
        expectTypeOf(needs.maybe).toEqualTypeOf<string | undefined>()
        expectTypeOf(needs.machines).toEqualTypeOf<{ one: string }>()
        // @ts-expect-error: it is not needed
        needs.other
      },
    })
    task('later', {
      needs: () => ({ port }),
      run: ({ needs }) => expectTypeOf(needs.port).toEqualTypeOf<number>(),
    })
  })

  it('from inputs to run, and through pick', () => {
    const cluster = value({ name: 'x', hosts: { a: { address: '1' } } })
    task('reads', {
      inputs: {
        src: files('src/**'),
        user: env('USER'),
        cluster,
        hosts: cluster.pick((c) => c.hosts),
        cc: tool('cc', '-v'),
      },
      run: ({ inputs }) => {
        expectTypeOf(inputs.src).toEqualTypeOf<readonly string[]>()
        expectTypeOf(inputs.user).toEqualTypeOf<string | undefined>()
        expectTypeOf(inputs.cluster.name).toEqualTypeOf<string>()
        expectTypeOf(inputs.hosts).toEqualTypeOf<{ a: { address: string } }>()
        expectTypeOf(inputs.cc).toEqualTypeOf<string>()
        // @ts-expect-error: it is not declared
        inputs.other
      },
    })
  })

  it('from the probe of an effect to its undo, with what it read', () => {
    effect('up', {
      inputs: { size: value(2) },
      probe: ({ inputs }) => ({ size: inputs.size }),
      run: () => {},
      undo: ({ recorded }) => {
        expectTypeOf(recorded.inputs.size).toEqualTypeOf<number | undefined>()
        expectTypeOf(recorded.value).toEqualTypeOf<{ size: number } | undefined>()
      },
    })
  })

  it('and what cannot be is refused', () => {
    // @ts-expect-error: a need is a task, not its name
    task('wrong-need', { needs: { port: 'port' }, run: () => {} })
    // @ts-expect-error: an effect returns nothing, its probe says what became of it
    effect('wrong-run', { probe: () => 1, run: () => 'text' })
    // @ts-expect-error: an input is declared by one of the functions
    task('wrong-input', { inputs: { src: 'src/**' }, run: () => {} })
  })
})
