import { spawnSync } from 'node:child_process'

/** A Python that Ansible 2.19 runs on, with venv; undefined where there is none. */
export function findPython(): string | undefined {
  const question = 'import sys, venv, ensurepip; print(sys.version_info[1]) if sys.version_info[0] == 3 else exit(1)'
  return ['python3.13', 'python3.12', 'python3.11', 'python3'].find((name) => {
    const { status, stdout } = spawnSync(name, ['-c', question], { encoding: 'utf8' })
    return status === 0 && [11, 12, 13].includes(Number(stdout))
  })
}
