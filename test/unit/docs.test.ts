import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { value } from 'lakitu'
import { describe, expect, it } from 'vitest'
import { program } from '../../src/cli/program.ts'
import { lockCommand } from '../../src/kits/artifacts/index.ts'
import { builtInCommands } from '../../src/model/names.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/design.md']
/** tasks/status.ts can only be loaded as part of the config. */
const playgroundsOwn = { name: 'status', options: { drift: {} } }
const text = (page: string) => readFileSync(join(root, page), 'utf8')

describe('the docs', () => {
  it.each(pages)('%s links to what is there', (page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target]) => target ?? '')
    for (const link of links) expect(existsSync(join(root, dirname(page), link)), `${page}: ${link}`).toBe(true)
  })

  it('name commands and options that there are', () => {
    const lakitu = program(() => {})
    const commands = lakitu.commands.map((command) => command.name())
    const tasks = ['apply', 'smoke', 'destroy']
    const ofKits = [lockCommand({ components: value({}) }), playgroundsOwn]
    const named = [...text('README.md').matchAll(/npx lakitu ([a-z]+)/g)].map(([, name]) => name ?? '')
    expect(named.length).toBeGreaterThan(8)
    for (const name of named)
      expect([...commands, ...tasks, ...ofKits.map((command) => command.name)], name).toContain(name)
    const options = new Set(lakitu.options.flatMap(({ long, short }) => [long, short, long?.replace(/^--no-/, '--')]))
    for (const command of ofKits) for (const option of Object.keys(command.options)) options.add(`--${option}`)
    const table = text('README.md').match(/`(-C|--[a-z-]+)/g) ?? []
    for (const option of table) expect(options, option).toContain(option.slice(1))
  })

  it('say of every command that it is taken, so that no task takes its name', () => {
    for (const command of program(() => {}).commands) expect(builtInCommands).toContain(command.name())
  })

  it('name every layer of src/', () => {
    const layers = text('docs/design.md').match(/^\| `src\/[a-z]+`/gm) ?? []
    expect(layers.map((row) => row.slice(3, -1)).every((folder) => existsSync(join(root, folder)))).toBe(true)
    expect(layers.length).toBe(14)
  })
})
