import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { files, task } from 'lakitu'
import { runJob } from 'lakitu/kits/nomad'
import { cluster } from '../cluster.ts'
import { apply } from './apply.ts'
import { hostsOf } from './hosts.ts'
import { nomadBin } from './tools.ts'

/** Runs again when a job is edited, not when the cluster is: that is what `smoke` is for. */
export const samples = task('samples', {
  about: 'The jobs in samples/, run on the cluster',
  needs: { nomadBin },
  after: [apply],
  inputs: { jobs: files('samples/*.nomad'), hosts: cluster.pick(hostsOf) },
  mayBeLeftOut: true,
  run: async ({ inputs, needs, root, signal, log, leaveOut }) => {
    const [server] = inputs.hosts.servers
    if (!needs.nomadBin || !server) return leaveOut('Nomad was left out')
    for (const file of inputs.jobs)
      log(await runJob(server, await readFile(join(root, file), 'utf8'), { file, signal }))
  },
})
