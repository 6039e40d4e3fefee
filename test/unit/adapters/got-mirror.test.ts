import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { place } from '../../support/downloading.ts'
import { testFolder } from '../../support/folder.ts'

test('the mirror serves a folder as a process of its own, with faults, and tells what it answered', async () => {
  const folder = await testFolder()
  await mkdir(join(folder, 'tool', '1.0'), { recursive: true })
  await writeFile(join(folder, 'tool', '1.0', 'tool.zip'), 'the file')
  const main = join(import.meta.dirname, '../../support/mirror-main.ts')
  const fault = '/tool/1.0/tool.zip={"kind":"cut","after":3}*1'
  const child = spawn(process.execPath, ['--conditions=lakitu-source', main, folder, fault], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const [url = ''] = (await once(createInterface({ input: child.stdout }), 'line')) as readonly string[]
  const at = await place()
  expect(await at.get(`${url}/tool/1.0/tool.zip`)).toMatchObject({ size: 8 })

  const missing = encodeURIComponent('/tool/1.0/tool.zip={"kind":"status","status":404}')
  const answers: unknown = await (await fetch(`${url}/-/fail?${missing}`)).json()
  expect(answers).toMatchObject([
    { path: '/tool/1.0/tool.zip', status: 200, sent: 3 },
    { path: '/tool/1.0/tool.zip', status: 206, sent: 5 },
  ])
  await expect(at.get(`${url}/tool/1.0/tool.zip`)).rejects.toMatchObject({ code: 'E_HTTP_STATUS' })
})
