import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasProgram } from '../host/index.ts'
import { keep, keptNote } from './kept.ts'
import { cannot, complaint, type Found, fileSum, keptFolder, type Tools } from './source.ts'

/** What a Debian release still has, under a licence that let it: the program's path in the package. */
const packages: Readonly<
  Record<string, { readonly suite: string; readonly release: string; readonly program: string }>
> = {
  consul: { suite: 'bullseye', release: 'Debian 11', program: 'usr/bin/consul' },
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
  const folder = keptFolder(product, known.suite)
  const kept = await keptPackage(tools, folder)
  const deb = kept ?? (await download(tools, product, known.suite, folder))
  if (typeof deb === 'string') return cannot(deb)
  const source = `the package ${deb.file.replace(/_[^_]*$/, '').replace('_', ' ')} of ${known.release}`
  if (!kept)
    await keep(tools.root, `${folder}/${deb.file}`, {
      sha256: await fileSum(join(tools.root, folder, deb.file)),
      source,
    })
  return { kind: 'found', source, place: (to) => place(tools, `${folder}/${deb.file}`, known.program, to) }
}

interface Package {
  /** Below the folder of kept downloads. */
  readonly file: string
}

async function keptPackage(tools: Tools, folder: string): Promise<Package | undefined> {
  for (const file of await debsIn(join(tools.root, folder))) {
    const note = await keptNote(tools.root, `${folder}/${file}`, tools.log)
    if (!note) continue
    tools.log(`using ${folder}/${file}, which was fetched before`)
    return { file }
  }
  return undefined
}

async function debsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.deb'))
}

/** Fetches the package into the folder; answers why where it cannot. */
async function download(tools: Tools, product: string, suite: string, folder: string): Promise<Package | string> {
  const uri = debianMirror(
    (await tools.exec('apt-get', ['indextargets', '--format', targetFormat, 'Created-By: Packages'], { silent: true }))
      .stdout,
  )
  if (uri === undefined) return "none of this machine's package sources is Debian's"
  const whole = join(tools.root, folder)
  const scratch = await scratchFolder(join(whole, 'apt.part'))
  try {
    const options = await ownConfiguration(scratch, `deb [signed-by=${keyring}] ${uri} ${suite} main\n`)
    for (const command of [['update'], ['download', product]]) {
      tools.progress(`apt-get ${command.join(' ')}, from ${suite}`)
      const { code, stderr } = await tools.exec('apt-get', [...options, ...command], {
        cwd: scratch,
        okCodes: [0, 1, 100],
      })
      if (code !== 0) return `apt-get ${command.join(' ')}: ${complaint(stderr)}`
    }
    const [file] = await debsIn(scratch)
    if (file === undefined) return `apt-get download ${product} gave no package`
    await rename(join(scratch, file), join(whole, file))
    return { file }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
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

async function place(tools: Tools, deb: string, program: string, to: string): Promise<void> {
  const target = join(tools.root, to)
  await mkdir(dirname(target), { recursive: true })
  const scratch = await scratchFolder(join(tools.root, dirname(deb), 'unpacked.part'))
  try {
    await tools.exec('dpkg-deb', ['-x', join(tools.root, deb), scratch])
    await rename(join(scratch, program), target)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Emptied first, of what a killed run may have left. */
async function scratchFolder(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true })
  return path
}
