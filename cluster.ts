import { read, value } from 'lakitu'
import { lockFile } from 'lakitu/kits/artifacts'
import { defineCluster } from 'lakitu/kits/cluster'

/** The playground: one server and two clients. Data only; an edit reruns what uses the edited part. */
export const cluster = value(
  defineCluster({
    name: 'lakitu',
    hosts: {
      lakitu: { role: 'server' },
      spiney1: { role: 'client' },
      spiney2: { role: 'client' },
    },
    components: {
      consul: { version: '2.0.x' },
      nomad: { version: '2.0.x', ifUnavailable: 'leave out' },
    },
  }),
)

/** Which versions these are, and their sums: written by `lakitu lock`. */
export const lock = lockFile(read('lakitu.lock.json'))
