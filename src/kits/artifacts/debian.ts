import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram } from '../host/index.ts'
import { productOf } from './products.ts'
import { isAbsence, reasonOf } from './signed.ts'
import { cannot, complaint, type Found, type Tools } from './source.ts'

interface Package {
  readonly name: string
  readonly suite: string
  readonly release: string
  /** What of it is wanted: the program, or the folder. */
  readonly path: string
}

/** What a Debian release still has, under a licence that let it, by product. */
const packages: Readonly<Record<string, Package>> = {
  consul: { name: 'consul', suite: 'bullseye', release: 'Debian 11', path: 'usr/bin/consul' },
  cni: { name: 'containernetworking-plugins', suite: 'bookworm', release: 'Debian 12', path: 'usr/lib/cni' },
}

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * The distribution's package, by an apt configuration of its own: no root, nothing of the system's apt is changed, and
 * the address comes from the machine's own sources. Its version is whatever that release has.
 */
export async function fromDebian(tools: Tools, product: string): Promise<Found> {
  const known = packages[product]
  if (!known) return cannot(`no release of Debian has ${product}`)
  if (!hasProgram('apt-get') || !hasProgram('dpkg-deb')) return cannot('there is no apt-get and dpkg-deb here')
  try {
    const about = `the package ${known.name} of ${known.release}`
    const kept = `debian/${known.suite}-${process.arch}-${known.name}`
    const folder = await tools.keep(kept, (to) => download(tools, known, to), { about })
    const file = await debIn(folder)
    const source = `the package ${file.replace(/_[^_]*$/, '').replace('_', ' ')} of ${known.release}`
    const [, version] = /_(\d+(?:\.\d+)+)/.exec(file) ?? []
    return { kind: 'found', source, version, place: () => place(tools, join(folder, file), product, known.path) }
  } catch (error) {
    if (error instanceof Cannot) return cannot(error.message)
    if (isAbsence(error)) return cannot(reasonOf(error))
    throw error
  }
}

/** Why the package cannot be had from here. */
class Cannot extends Error {}

async function debIn(folder: string): Promise<string> {
  const file = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  if (file === undefined) throw new Cannot('apt-get download gave no package')
  return file
}

/** Fetches the package into the folder. */
async function download(tools: Tools, { name, suite }: Package, folder: string): Promise<void> {
  const uri = debianMirror(
    (await tools.exec('apt-get', ['indextargets', '--format', targetFormat, 'Created-By: Packages'], { silent: true }))
      .stdout,
  )
  if (uri === undefined) throw new Cannot("none of this machine's package sources is Debian's")
  const scratch = join(folder, 'apt')
  await mkdir(scratch)
  const options = await ownConfiguration(scratch, `deb [signed-by=${keyring}] ${uri} ${suite} main\n`)
  for (const command of [['update'], ['download', name]]) {
    tools.progress(`apt-get ${command.join(' ')}, from ${suite}`)
    const { code, stderr } = await tools.exec('apt-get', [...options, ...command], {
      cwd: scratch,
      okCodes: [0, 1, 100],
    })
    if (code !== 0) throw new Cannot(`apt-get ${command.join(' ')}: ${complaint(stderr)}`)
  }
  const file = await debIn(scratch)
  await rename(join(scratch, file), join(folder, file))
  await rm(scratch, { recursive: true })
}

const targetFormat = '$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(COMPONENT)'

/** The address of Debian's main archive in what `apt-get indextargets` lists; not that of its security updates. */
export function debianMirror(targets: string): string | undefined {
  for (const line of targets.split('\n')) {
    const [uri, origin, label, component] = line.split('|')
    if (uri && origin === 'Debian' && label === 'Debian' && component === 'main') return uri
  }
  return undefined
}

/** Options that turn apt away from everything of the system's: its sources, its lists, its cache and its state. */
async function ownConfiguration(folder: string, sources: string): Promise<readonly string[]> {
  await writeFile(join(folder, 'sources.list'), sources)
  // apt makes neither of these by itself, and fails without them.
  await mkdir(join(folder, 'lists/partial'), { recursive: true })
  await mkdir(join(folder, 'cache/archives/partial'), { recursive: true })
  const settings = [
    `Dir::Etc::SourceList=${folder}/sources.list`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${folder}/cache`,
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    // Without it some updates that fail end with 0.
    'APT::Update::Error-Mode=any',
    // As root apt would fetch as a user of its own, who may not be let into this folder.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ]
  return settings.flatMap((setting) => ['-o', setting])
}

async function place(tools: Tools, deb: string, product: string, path: string): Promise<void> {
  const target = join(tools.root, productOf(product).output)
  const scratch = `${target}.part`
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  try {
    await tools.exec('dpkg-deb', ['-x', deb, scratch])
    await rename(join(scratch, path), target)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
