import { value } from 'lakitu'
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
      consul: { version: '2.0.2' },
      nomad: { version: '2.0.4', ifUnavailable: 'leave out' },
    },
  }),
)
