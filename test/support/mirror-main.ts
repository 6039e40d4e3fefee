/**
 * The mirror as a process of its own:
 *
 *     node --conditions=lakitu-source test/support/mirror-main.ts <folder> [<path>=<fault as JSON>[*<times>] …]
 *
 * serves the files below the folder, and says its address as the first line. `GET /-/answers` tells as JSON what it answered;
 * `GET /-/fail?<path>=<fault>[*<times>]` plans another fault.
 */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Fault, startMirror } from './mirror.ts'

const [folder = '.', ...planned] = process.argv.slice(2)
const mirror = await startMirror({
  control: (asked) => {
    if (asked.startsWith('/-/fail?')) plan(decodeURIComponent(asked.slice('/-/fail?'.length)))
    return JSON.stringify(mirror.answers)
  },
})
for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (entry.isFile()) mirror.files.set(`/${relative(folder, file)}`, { file })
}
for (const text of planned) plan(text)
console.log(mirror.url)

function plan(text: string): void {
  const [, path = '', fault = '', times] = /^([^=]+)=(\{.*\})(?:\*(\d+))?$/.exec(text) ?? []
  mirror.fail(path, JSON.parse(fault) as Fault, ...(times === undefined ? [] : [Number(times)]))
}
