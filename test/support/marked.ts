import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of living processes in whose environment or command line the text stands, with their pids. */
export function processesWith(text: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    const [environ, command, stat] = ['environ', 'cmdline', 'stat'].map((file) => read(`/proc/${name}/${file}`))
    if (stat?.slice(stat.lastIndexOf(')')).startsWith(') Z')) return []
    const found = environ?.includes(text) || command?.includes(text)
    return found ? [{ pid: Number(name), command: command?.replaceAll('\0', ' ').trim() ?? '' }] : []
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
