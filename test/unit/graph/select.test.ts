import { describe, expect, it } from 'vitest'
import { effect, task, undo } from '../../../src/define/task.ts'
import { buildGraph } from '../../../src/graph/build.ts'
import { select } from '../../../src/graph/select.ts'
import { treePath } from '../../../src/util/paths.ts'

const up = effect('up', { probe: () => 1, run: () => {} })
const other = effect('other', { probe: () => 1, run: () => {} })
const tasks = [task('uses', { needs: { up } }), undo('down', [up]), undo('away', [up, other]), undo('apart', [other])]
const graph = buildGraph({ tasks }, '/p', { configPath: treePath('/p', 'lakitu.config.ts') })

describe('an effect is not brought about and undone in one run', () => {
  it.each([
    [['up', 'down'], 'down undoes up, which is to be brought about in the same run', 'lakitu down && lakitu up'],
    [['down', 'uses'], 'down undoes up, which uses needs in the same run', 'lakitu down && lakitu uses'],
    [['down', 'away'], 'down undoes up, which away undoes in the same run', 'lakitu down && lakitu away'],
  ])('as by %j', (names, message, next) => {
    expect(() => select(graph, names)).toThrow(
      expect.objectContaining({ code: 'E_DO_AND_UNDO', message, next: expect.stringContaining(next), family: 'usage' }),
    )
  })

  it('but what has nothing to do with it is', () => {
    expect(select(graph, ['down', 'other', 'down']).map(({ name }) => name)).toEqual(['down', 'other'])
    expect(select(graph, ['down', 'apart'])).toHaveLength(2)
  })
})
