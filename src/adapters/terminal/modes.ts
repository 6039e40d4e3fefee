import { spawnSync } from 'node:child_process'

/** Remembers how the terminal at standard input is set (echo, line editing); answers what sets it so again. */
export function rememberModes(): () => void {
  const asked = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  const modes = asked.status === 0 ? asked.stdout.trim() : ''
  if (modes === '') return () => {}
  return () => void spawnSync('stty', [modes], { stdio: ['inherit', 'ignore', 'ignore'] })
}

/** Each key comes at once and is not shown; the keys for signals stay. Answers what sets it as it was; undefined where stty cannot. */
export function singleKeys(): (() => void) | undefined {
  const restore = rememberModes()
  const set = spawnSync('stty', ['-icanon', '-echo', 'min', '1', 'time', '0'], {
    stdio: ['inherit', 'ignore', 'ignore'],
  })
  return set.status === 0 ? restore : undefined
}
