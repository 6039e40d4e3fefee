export interface Watch {
  close(): Promise<void>
}

/** Tells that something may have changed below folders; what did is for the reader of the files to find out. */
export interface Watcher {
  /** `paths`: absolute files and folders, existing or not. `onChange` gets absolute paths. */
  watch(paths: readonly string[], ignored: (path: string) => boolean, onChange: (path: string) => void): Promise<Watch>
}
