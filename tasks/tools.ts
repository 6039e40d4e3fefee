import { type BinarySpec, binary, cniPlugins, lockCommand } from 'lakitu/kits/artifacts'
import { pipInstall, venv as venvTask } from 'lakitu/kits/python'
import { cluster, lock } from '../cluster.ts'
import { hostTools } from './host.ts'

export const venv = venvTask({ about: 'Python virtual environment for Ansible', after: [hostTools] })

export const ansibleInstall = pipInstall('ansible-install', {
  about: 'Ansible, pinned with the hashes of its whole dependency tree',
  venv,
  package: 'ansible-core',
  requirements: 'ansible/requirements.txt',
  programs: ['ansible-playbook', 'ansible'],
})

export const consulBin = binary('consul', { spec: cluster.pick(({ components }) => components.consul), lock })

export const nomadBin = binary('nomad', {
  spec: cluster.pick(({ components }) => components.nomad),
  lock,
  mayBeLeftOut: true,
})

const cniSpec = cluster.pick(({ components }): BinarySpec | undefined => ({ cni: undefined, ...components }).cni)

/** Only where the cluster names them (`cni: { version: '1.6.2' }`): a list, since an export cannot come and go. */
export const cni = cniSpec.content() ? [cniPlugins({ spec: cniSpec, lock, mayBeLeftOut: true })] : []

/** `lakitu lock` */
export const lockComponents = lockCommand({ components: cluster.pick(({ components }) => components) })
