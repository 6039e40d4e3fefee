import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Order, obtain } from '../../src/kits/artifacts/obtain.ts'
import { hostPlatform } from '../../src/kits/artifacts/release.ts'
import { vendorOf } from '../../src/kits/artifacts/vendor.ts'
import { type Answer, kitContext } from './context.ts'
import { testFolder } from './folder.ts'
import { type Mirror, startMirror } from './mirror.ts'
import { newKey, publish, type SigningKey } from './signing.ts'

/** Where nobody listens. */
export const nowhere = 'http://127.0.0.1:9'

/** The key of the vendor whose releases a test fetches. */
export const vendorKey: SigningKey = await newKey()

const order: Omit<Order, 'vendor'> = {
  product: 'nomad',
  variable: 'LAKITU_NOMAD',
  mayBeLeftOut: false,
  platform: hostPlatform(),
  spec: { version: '2.0.4' },
  locked: undefined,
  file: undefined,
  mirror: undefined,
  mirrorKey: undefined,
}

/** A site with the vendor's layout, until the test ends. */
export async function site(): Promise<Mirror> {
  const started = await startMirror()
  onTestFinished(() => started.close())
  return started
}

/** Nomad 2.0.4, signed by the vendor. */
export function release(of: Mirror, options: Partial<Parameters<typeof publish>[2]> = {}) {
  return publish(of, ['nomad', '2.0.4'], { key: vendorKey, ...options })
}

export interface Asked extends Partial<Order> {
  /** The vendor's site; default: nobody listens there. */
  readonly site?: string
}

/** One run of the task's function; the same `root` again is a later run. */
export async function get({ site: url = nowhere, ...parts }: Asked, root?: string, answer?: Answer) {
  const folder = root ?? (await testFolder())
  const { ctx, said } = kitContext(folder, answer)
  const vendor = vendorOf({ site: url, fingerprint: vendorKey.fingerprint })
  // With what it says of who served.
  const told = () => said.logs.at(-1)?.split(' from ').at(-1)
  const got = obtain(ctx, { ...order, vendor, ...parts }).then((binary) => ({ ...binary, source: told() }))
  return { got, said, root: folder }
}

export async function put(root: string, path: string, content: string | Uint8Array): Promise<string> {
  const whole = join(root, path)
  await mkdir(dirname(whole), { recursive: true })
  await writeFile(whole, content, { mode: 0o755 })
  return whole
}

/** The files below a folder, locks aside. */
export async function allBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return files.filter((path) => !/\/(locks|uses)\//.test(path))
}
