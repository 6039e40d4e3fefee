import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { count, files, LakituError, listing, task } from 'lakitu'
import { type Check, consulChecks } from 'lakitu/kits/consul'
import { nomadChecks } from 'lakitu/kits/nomad'
import { cluster } from '../cluster.ts'
import { apply } from './apply.ts'
import { hostsOf } from './hosts.ts'
import { nomadBin } from './tools.ts'

const sample = 'samples/hello-world.nomad'

export const smokeTest = task('smoke-test', {
  about: 'Proof that the cluster is healthy and runs a job',
  alias: 'smoke',
  always: true,
  needs: { apply, nomadBin },
  inputs: { job: files(sample), hosts: cluster.pick(hostsOf) },
  run: async ({ inputs, needs, root, signal, log, warn }) => {
    const { all, servers, clients } = inputs.hosts
    const job = await readFile(join(root, sample), 'utf8')
    const parts = [
      consulChecks(all, { signal }),
      ...(needs.nomadBin ? [nomadChecks({ servers, clients }, { job, signal })] : []),
    ]
    const checks = (await Promise.all(parts)).flat()
    for (const check of checks) log(line(check))
    if (!needs.nomadBin) warn('Nomad was left out, so nothing is proved about it and no job was run')
    const failed = checks.filter((check) => !check.ok)
    if (failed.length > 0) throw unhealthy(failed, checks.length)
    log(`${count(checks.length, 'check')} passed`)
  },
})

function line({ name, ok, detail }: Check): string {
  return `${ok ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`
}

function unhealthy(failed: readonly Check[], all: number): LakituError {
  return new LakituError({
    code: 'E_UNHEALTHY',
    headline: `${failed.length} of ${count(all, 'check')} failed: ${listing(failed.map(({ name }) => name))}`,
    facts: Object.fromEntries(failed.map(({ name, detail }) => [name, detail])),
    next: 'lakitu apply brings hosts and agents back; lakitu smoke looks again.',
    family: 'world',
  })
}
