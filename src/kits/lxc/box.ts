import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type AnyTask, type Context, type Task, task, type ValueInput } from 'lakitu'
import { asRoot, hasProgram, needRoot, vagrantPublicKeys } from '../host/index.ts'
import { type Suite, suiteHere } from './mirror.ts'
import { bootstrapScript, packages, tuningScript } from './rootfs.ts'
import { boxConfig, stateFolder, templateScript } from './template.ts'

export interface Box {
  /** Ends in the hash of its content, so that Vagrant never takes an older one for it. */
  readonly name: string
  /** Relative to the project's root. */
  readonly path: string
}

export interface BoxOptions {
  readonly provider: ValueInput<string>
  /** What must be done before it runs: the tools are there. */
  readonly after?: readonly AnyTask[]
}

type BoxContext = Pick<Context, 'exec' | 'log' | 'progress' | 'root' | 'keep'>

const file = '.cache/box/lakitu.box'

/** The task `box`: a Vagrant box for LXC, made by debootstrap. About a minute. Left out for other providers. */
export function boxTask({ provider, after = [] }: BoxOptions): Task<Box | undefined> {
  return task('box', {
    about: 'The root file system of the LXC hosts',
    inputs: { provider },
    after,
    outputs: [file],
    mayBeLeftOut: true,
    run: (ctx) => {
      const { provider: from } = ctx.inputs
      if (from !== 'lxc') ctx.leaveOut(`only LXC needs it, and the provider is ${from}`)
      return makeBox(ctx)
    },
  })
}

const tarball = 'rootfs.tar.gz'

/** Needs root where the root file system is not in the cache of downloads: another project, or an earlier run, may have made the same. */
export async function makeBox(ctx: BoxContext): Promise<Box> {
  const tuning = tuningScript(vagrantPublicKeys())
  const suite = await suiteHere(ctx.exec)
  const compress = hasProgram('zstd') ? 'zstd -1 -T0' : 'gzip -1'
  const made = createHash('sha256').update(
    JSON.stringify([process.arch, suite, compress, packages, tuning, bootstrapScript]),
  )
  const name = `box/${suite.release}-${made.digest('hex').slice(0, 12)}`
  const kept = await ctx.keep(name, (folder) => makeRootfs(ctx, { suite, compress, tuning, folder }), {
    about: `root file system of the LXC hosts, ${suite.release}`,
  })
  return pack(ctx, kept)
}

interface RootfsOptions {
  readonly suite: Suite
  readonly compress: string
  readonly tuning: string
  /** Where the tarball goes. */
  readonly folder: string
}

/** Its scratch is removed when it fails or is stopped, and what a run that was killed has left, too. */
async function makeRootfs(ctx: BoxContext, { folder, ...options }: RootfsOptions): Promise<void> {
  await needRoot(ctx.exec, "to make the hosts' root file system")
  const id = createHash('sha256').update(ctx.root).digest('hex').slice(0, 12)
  const scratch = `${stateFolder}/scratch/box-${id}`
  await bootstrap(ctx, { ...options, scratch })
  await ctx.exec('cp', ['--reflink=auto', join(scratch, tarball), join(folder, tarball)])
  await asRoot(ctx.exec, ['rm', '-rf', scratch])
}

interface BootstrapOptions extends Omit<RootfsOptions, 'folder'> {
  readonly scratch: string
}

/** Leaves `rootfs.tar.gz` in the scratch folder, and nothing where it does not come so far. */
async function bootstrap(ctx: BoxContext, { scratch, tuning, suite, compress }: BootstrapOptions): Promise<void> {
  const { release, mirror } = suite
  ctx.log(`debootstrap of ${release}${mirror === undefined ? '' : " from this computer's own mirror"}`)
  const words = [
    scratch,
    compress,
    `--include=${packages.join(',')}`,
    release,
    ...(mirror === undefined ? [] : [mirror]),
  ]
  await asRoot(ctx.exec, ['sh', '-c', bootstrapScript, 'box', ...words], {
    input: tuning,
    onLine: (line) => line.startsWith('I: ') && ctx.progress(line.slice(3)),
  })
}

/** `kept`: the folder with the tarball. */
async function pack(ctx: BoxContext, kept: string): Promise<Box> {
  const id = (await sha256(join(kept, tarball))).slice(0, 12)
  const parts = await mkdtemp(join(tmpdir(), 'lakitu-box-'))
  try {
    await writeFile(join(parts, 'metadata.json'), JSON.stringify({ provider: 'lxc', version: '1.0.0' }))
    await writeFile(join(parts, 'lxc-config'), boxConfig)
    await writeFile(join(parts, 'base.id'), `${id}\n`)
    await writeFile(join(parts, 'lxc-template'), templateScript, { mode: 0o755 })
    await mkdir(dirname(join(ctx.root, file)), { recursive: true })
    const own = ['metadata.json', 'lxc-config', 'base.id', 'lxc-template']
    // The same root file system makes the same box, whenever that is.
    const always = ['--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']
    await ctx.exec('tar', ['-cf', file, ...always, '-C', parts, ...own, '-C', kept, tarball])
  } finally {
    await rm(parts, { recursive: true, force: true })
  }
  return { name: `lakitu-${id}`, path: file }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
