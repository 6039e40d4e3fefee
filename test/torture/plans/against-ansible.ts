/**
 * On demand, never in `npm test`: `node --conditions=lakitu-source test/torture/plans/against-ansible.ts [ansible-playbook] [trees] [from]`. Runs
 * random trees by the real Ansible, with a folder for each host, and compares what is written with what the interpreter says: an oracle that is
 * wrong proves nothing.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { random } from '../../support/random.ts'
import { run, type Wanted, type World } from './ansible.ts'
import { edits, kinds } from './edits.ts'
import { generate } from './generate.ts'
import { allHosts, read, type Tree } from './tree.ts'
import { record, type Value } from './values.ts'
import { difference } from './worlds.ts'

const [program = 'ansible-playbook', trees = '20', from = '0'] = process.argv.slice(2)
let differ = 0

/** A full run, then an edit and a run with some tags and a limit. */
function compare(seed: number): void {
  const chance = random(seed)
  const tree = generate(chance)
  const edited = edits[chance.pick(kinds)]?.(tree, chance)?.tree ?? tree
  const said = [...tree.values()].join('\n').match(/role:\w+|\w+:(install|config|service|file:[\w.]+)/g)
  const tags = [...new Set(said)]
  const limit = allHosts(edited).filter(() => chance.chance(0.7))
  const runs: (readonly [Tree, Wanted])[] = [[tree, {}]]
  if (limit.length > 0) runs.push([edited, { tags: [chance.pick(tags), chance.pick(tags)], limit }])
  const folder = mkdtempSync(join(tmpdir(), 'lakitu-oracle-'))
  const differs = firstDifference(folder, runs)
  rmSync(folder, { recursive: true, force: true })
  if (differs !== undefined) differ += 1
  process.stdout.write(`${seed}: ${differs ?? 'the same'}\n`)
}

function firstDifference(folder: string, runs: readonly (readonly [Tree, Wanted])[]): string | undefined {
  const world: World = new Map()
  for (const [tree, wanted] of runs) {
    const said = interpreted(tree, world, wanted)
    const real = played(folder, tree, wanted)
    const how = `DIFFERS with ${JSON.stringify(wanted)}`
    if ((said === undefined) !== (real.status === 0)) return `${how}\n${said ?? 'it runs'}\n${real.text}`
    if (said !== undefined) return undefined
    const differs = difference(world, worldIn(join(folder, 'out')))
    if (differs !== '') return `${how}\n${differs}`
  }
  return undefined
}

function interpreted(tree: Tree, world: World, wanted: Wanted): string | undefined {
  try {
    run(tree, world, wanted)
    return undefined
  } catch (error) {
    return String(error)
  }
}

function played(
  folder: string,
  tree: Tree,
  { tags, limit }: Wanted,
): { readonly status: number | null; readonly text: string } {
  rmSync(join(folder, 'tree'), { recursive: true, force: true })
  const out = join(folder, 'out')
  for (const host of allHosts(tree)) mkdirSync(join(out, host), { recursive: true })
  writeFileSync(join(folder, 'none.cfg'), '')
  mkdirSync(join(folder, 'library'), { recursive: true })
  writeFileSync(join(folder, 'library/agent.py'), agent)
  for (const [path, text] of tree) {
    const own = path.endsWith('.yml') ? JSON.stringify(placed(read(text), `${out}/{{ inventory_hostname }}/`)) : text
    mkdirSync(dirname(join(folder, 'tree', path)), { recursive: true })
    writeFileSync(join(folder, 'tree', path), own)
  }
  const inventory = join(folder, 'tree/inventory/hosts.yml')
  const { all } = record(read(readFileSync(inventory, 'utf8')))
  const local = { ...record(record(all)['vars']), ansible_connection: 'local' }
  writeFileSync(inventory, JSON.stringify({ all: { ...record(all), vars: local } }))
  const args = [
    '-i',
    '../inventory/hosts.yml',
    'playbook.yml',
    ...(tags ? ['--tags', tags.join(',')] : []),
    ...(limit ? ['--limit', limit.join(',')] : []),
  ]
  const env = {
    ...process.env,
    ANSIBLE_HOME: join(folder, 'home'),
    ANSIBLE_CONFIG: join(folder, 'none.cfg'),
    ANSIBLE_ROLES_PATH: 'roles',
    ANSIBLE_LIBRARY: join(folder, 'library'),
    ANSIBLE_FORKS: '3',
    ANSIBLE_PIPELINING: 'True',
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
  }
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: join(folder, 'tree/playbook'),
    env,
    encoding: 'utf8',
  })
  return { status, text: status === 0 ? '' : `${stdout.slice(-1500)}${stderr.slice(-1500)}` }
}

/** With the folder of the host for the one that all have in the trees. */
function placed(value: Value, place: string): Value {
  if (typeof value === 'string') return value.replace(/^\/out\//, place)
  if (Array.isArray(value)) return value.map((one: Value) => placed(one, place))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, placed(one, place)]))
}

/** The module of the trees that is none of Ansible's. */
const agent = `
import hashlib, os
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule(argument_spec=dict(dest=dict(type='str'), sees=dict(type='list', elements='str')))
def line(path):
    digest = hashlib.sha256(open(path, 'rb').read()).hexdigest() if os.path.exists(path) else 'nothing'
    return os.path.basename(path) + ' ' + digest + '\\n'
text = ''.join(line(path) for path in module.params['sees'])
dest = module.params['dest']
changed = not os.path.exists(dest) or open(dest).read() != text
if changed:
    open(dest, 'w').write(text)
module.exit_json(changed=changed)
`

function worldIn(out: string): World {
  const files = (host: string) =>
    new Map(readdirSync(join(out, host)).map((name) => [`/out/${name}`, readFileSync(join(out, host, name), 'utf8')]))
  return new Map(readdirSync(out).map((host) => [host, files(host)]))
}

for (let seed = Number(from); seed < Number(from) + Number(trees); seed += 1) compare(seed)
process.stdout.write(`${trees} trees: ${differ} differ\n`)
process.exitCode = differ === 0 ? 0 : 1
