import type { Watcher } from '../ports/watcher.ts'

/** Real folders, watched by chokidar. */
export const fileWatcher: Watcher = {
  watch: async (paths, ignored, onChange) => {
    const { watch } = await import('chokidar')
    const watching = watch([...paths], { ignoreInitial: true, ignored, followSymlinks: false })
    watching.on('all', (_event, path) => onChange(path))
    // A folder that cannot be watched is no reason to stop: the others are.
    watching.on('error', () => {})
    await new Promise<void>((resolve) => watching.once('ready', resolve))
    return { close: () => watching.close() }
  },
}
