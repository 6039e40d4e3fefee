import { expect, it } from 'vitest'
import { refuseUnreadableName } from '../../../src/state/names.ts'

// As Node lists a name in Latin-1; with real files, where the disk takes them: test/cli/bad-input-names.test.ts.
const disk = {
  list: (path: string) => {
    const names = { '/here': ['caf\ufffd', 'other'] }[path]
    return names?.map((name) => ({ name, kind: 'file' as const }))
  },
}

it('a name that is listed, and under which nothing is found, is no UTF-8: that is said', () => {
  expect(() => refuseUnreadableName(disk, '/here/caf\ufffd')).toThrow(
    expect.objectContaining({ code: 'E_NAME_NOT_UTF8', message: expect.stringContaining('caf\ufffd') }),
  )
})

it.each(['/here/caf\ufffd2', '/here/gone', '/no-folder/caf\ufffd'])('what is not there is no such name: %j', (path) => {
  expect(() => refuseUnreadableName(disk, path)).not.toThrow()
})
