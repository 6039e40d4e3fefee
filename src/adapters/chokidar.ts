import type { Watcher } from '../ports/watcher.ts'

const limits: Readonly<Record<string, string>> = {
  EMFILE: 'fs.inotify.max_user_instances, or the open files of a process (ulimit -n)',
  ENFILE: 'the open files of the system (fs.file-max)',
  ENOSPC: 'fs.inotify.max_user_watches',
}

/**
 * Real folders, watched by chokidar. A folder that cannot be watched is no reason to stop: the others are. What that means
 * is told to `onTrouble`, each kind of trouble once.
 */
export function fileWatcher(onTrouble: (text: string) => void): Watcher {
  const told = new Set<string>()
  const tell = (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (told.has(code)) return
    told.add(code)
    onTrouble(troubleText(code, error))
  }
  return {
    watch: async (paths, ignored, onChange) => {
      const { watch } = await import('chokidar')
      const watching = watch([...paths], { ignoreInitial: true, ignored, followSymlinks: false })
      watching.on('all', (_event, path) => onChange(path))
      watching.on('error', tell)
      await new Promise<void>((resolve) => watching.once('ready', resolve))
      // Where no folder at all could be watched, nothing else keeps the process from ending.
      const alive = setInterval(() => {}, 60_000)
      const close = async () => {
        clearInterval(alive)
        await watching.close()
      }
      return { close }
    },
  }
}

function troubleText(code: string, error: unknown): string {
  const limit = limits[code]
  const what = limit === undefined ? String(error) : `the system gives no more watches (${code}); raise ${limit}`
  return `not every folder is watched, so an edit may be missed: ${what}`
}
