import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readSources, touchedSince } from '../../../src/kits/ansible/plan/sources.ts'

const folders = { playbook: 'ansible', inventory: 'inventory' }

function tree(files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'lakitu-sources-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

test('a folder or file that goes while the sources are read was as good as never there', async () => {
  const root = tree({
    'ansible/playbook.yml': 'a',
    // Large enough to be read in pieces, so that the rest is looked at later.
    'ansible/roles/a/files/image': Buffer.alloc(2 * 1024 * 1024),
    'ansible/roles/a/tasks/main.yml': 'b',
    'ansible/roles/a/zzz.yml': 'c',
    'ansible/roles/b/tasks/main.yml': 'd',
    'inventory/hosts.yml': 'e',
  })
  const reading = readSources(root, folders)
  rmSync(join(root, 'ansible/roles/a/tasks'), { recursive: true })
  rmSync(join(root, 'ansible/roles/a/zzz.yml'))
  const { sources } = await reading
  expect([...sources.playbook.keys()]).toEqual(['playbook.yml', 'roles/a/files/image', 'roles/b/tasks/main.yml'])
  rmSync(join(root, 'ansible/roles'), { recursive: true })
  expect([...(await readSources(root, folders)).sources.playbook.keys()]).toEqual(['playbook.yml'])
})

test('where the playbook itself is not there, it says what to do', async () => {
  const root = tree({ 'inventory/hosts.yml': 'e' })
  await expect(readSources(root, folders)).rejects.toMatchObject({ code: 'E_NO_PLAYBOOK', family: 'usage' })
})

test('permissions are read, and a file whose permissions were changed was touched', async () => {
  const root = tree({ 'ansible/files/tool': 'a', 'inventory/hosts.yml': 'e' })
  chmodSync(join(root, 'ansible/files/tool'), 0o644)
  const seen = await readSources(root, folders)
  expect([...seen.modes]).toEqual([['files/tool', 0o644]])
  chmodSync(join(root, 'ansible/files/tool'), 0o755)
  expect([...(await touchedSince(root, folders, seen)).files]).toEqual(['playbook:files/tool'])
})
