import { spawnSync } from 'node:child_process'

/** Remembers how the terminal at standard input is set (echo, line editing); answers what sets it so again. */
export function rememberModes(): () => void {
  const asked = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  const modes = asked.status === 0 ? asked.stdout.trim() : ''
  if (modes === '') return () => {}
  return () => void spawnSync('stty', [modes], { stdio: ['inherit', 'ignore', 'ignore'] })
}
