import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { signerOf, vendorFingerprint } from '../../../src/kits/artifacts/trust.ts'
import { vendorOf } from '../../../src/kits/artifacts/vendor.ts'
import { type Asked, allBelow, get, put, release, site, vendorKey } from '../../support/artifacts.ts'
import { testFolder } from '../../support/folder.ts'
import { armored, newKey, publish } from '../../support/signing.ts'

const [stranger, mirrorKey] = [await newKey(), await newKey()]
const day = 24 * 3600 * 1000

test('the one thing that is believed unchecked is the fingerprint of the vendor', () => {
  expect(vendorFingerprint).toBe('C874011F0AB405110D02105534365D9472D7468F')
  expect(vendorOf({})).toEqual({
    site: 'https://releases.hashicorp.com',
    fingerprint: vendorFingerprint,
    keyUrl: 'https://www.hashicorp.com/.well-known/pgp-key.txt',
  })
  expect(vendorOf({ site: 'https://x.example/', fingerprint: vendorKey.fingerprint.toLowerCase() })).toEqual({
    site: 'https://x.example',
    fingerprint: vendorKey.fingerprint,
    keyUrl: 'https://x.example/pgp-key.txt',
  })
  expect(() => vendorOf({ fingerprint: '72D7468F' })).toThrow(expect.objectContaining({ code: 'E_FINGERPRINT' }))
})

describe('without a lock', () => {
  test.each(['plain', 'named', 'armored'])('a release is had by its signature, which may be %s', async (kind) => {
    const vendor = await site()
    const { sums, list } = await release(vendor)
    const signature = await vendorKey.sign(list)
    if (kind === 'named') {
      vendor.put(`${sums}.${vendorKey.fingerprint.slice(-8)}.sig`, signature)
      vendor.put(`${sums}.sig`, await stranger.sign(list))
    }
    if (kind === 'armored') vendor.put(`${sums}.sig`, await armored(signature))
    const { got, said } = await get({ site: vendor.url })
    expect(await got).toMatchObject({ version: '2.0.4' })
    expect(said.warnings).toEqual([expect.stringContaining('signed it (lakitu lock pins it)')])
  })

  test('the key beside the lock is used, and nobody asked for another', async () => {
    const vendor = await site()
    await release(vendor)
    const root = await testFolder()
    await put(root, 'lakitu.lock.asc', vendorKey.armored)
    await (await get({ site: vendor.url }, root)).got
    expect(vendor.requests).not.toContain('/pgp-key.txt')
  })

  test.each<[string, string, (of: Awaited<ReturnType<typeof site>>, sums: string, list: string) => unknown]>([
    ['no signature', 'E_NO_SIGNATURE', (of, sums) => of.fail(`${sums}.sig`, { kind: 'status', status: 404 })],
    ['a page in its place', 'E_NOT_A_SIGNATURE', (of, sums) => of.put(`${sums}.sig`, '<html>please log in</html>')],
    ['an empty one', 'E_NOT_A_SIGNATURE', (of, sums) => of.put(`${sums}.sig`, '')],
    ['altered sums', 'E_SIGNATURE_WRONG', (of, sums, list) => of.put(sums, `${list}\n`)],
    [
      'a signature of another key',
      'E_SIGNED_BY_ANOTHER',
      async (of, sums, list) => of.put(`${sums}.sig`, await stranger.sign(list)),
    ],
    ['a key that is not the pinned one', 'E_WRONG_KEY', (of) => of.put('/pgp-key.txt', stranger.armored)],
    ['a page in place of the key', 'E_NOT_A_KEY', (of) => of.put('/pgp-key.txt', '<html>')],
    ['no key', 'E_NO_KEY', (of) => of.fail('/pgp-key.txt', { kind: 'status', status: 404 })],
    [
      'sums without the zip',
      'E_NO_SUM',
      async (of, sums) => {
        of.put(sums, `${'a'.repeat(64)}  nomad_2.0.4_plan9_mips.zip\n`)
        of.put(`${sums}.sig`, await vendorKey.sign(`${'a'.repeat(64)}  nomad_2.0.4_plan9_mips.zip\n`))
      },
    ],
    [
      'sums with the zip twice',
      'E_SUM_TWICE',
      async (of, sums, list) => {
        of.put(sums, list + list)
        of.put(`${sums}.sig`, await vendorKey.sign(list + list))
      },
    ],
    ['another zip than was signed', 'E_WRONG_SUM', (of, sums) => of.put(sums.replace(/SHA.*/, zipEnd), 'another zip')],
  ])('%s is an error of its own, which no other source covers up', async (_what, code, harm) => {
    const [bad, good] = [await site(), await site()]
    await release(good)
    const { sums, list } = await release(bad)
    await harm(bad, sums, list)
    const parts: Asked = { site: good.url, mirror: bad.url }
    // The key of a mirror that has none is asked of the vendor; here that is nowhere to be had.
    if (code === 'E_NO_KEY') good.fail('/pgp-key.txt', { kind: 'status', status: 404 })
    const { got, root } = await get(parts)
    await expect(got).rejects.toMatchObject({ code })
    expect(good.requests.filter((request) => request !== '/pgp-key.txt')).toEqual([])
    expect((await allBelow(join(root, '.cache'))).filter((name) => /bin|partial/.test(name))).toEqual([])
  })

  test('a signature that cannot be had at the moment is no missing one: the next source is asked, with a word', async () => {
    const [near, vendor] = [await site(), await site()]
    const { sums } = await release(near)
    await release(vendor)
    near.fail(`${sums}.sig`, { kind: 'status', status: 503 })
    near.fail(`${sums}.${vendorKey.fingerprint.slice(-8)}.sig`, { kind: 'status', status: 503 })
    const { got, said } = await get({ mirror: near.url, site: vendor.url })
    expect(await got).toMatchObject({ source: new URL(vendor.url).host })
    expect(said.warnings[0]).toMatch(/could not serve nomad: answered 503/)
  })

  test('the sum that a person gives needs no signature', async () => {
    const vendor = await site()
    const { sha256, path } = await release(vendor)
    const { got, said } = await get({ site: vendor.url, spec: { version: '2.0.4', sha256 } })
    expect(await got).toMatchObject({ version: '2.0.4' })
    expect([vendor.requests, said.warnings]).toEqual([[path], []])
  })
})

describe('a mirror with a key of its own', () => {
  test('is trusted by LAKITU_MIRROR_KEY, with a word that names the key', async () => {
    const near = await site()
    await release(near, { key: mirrorKey })
    const root = await testFolder()
    await put(root, 'mirror.asc', mirrorKey.armored)
    const { got, said } = await get({ mirror: near.url, mirrorKey: 'mirror.asc' }, root)
    expect(await got).toMatchObject({ source: `the mirror ${near.url}` })
    const groups = mirrorKey.fingerprint.replace(/(.{4})(?!$)/g, '$1 ')
    expect(said.warnings[0]).toBe(
      `the mirror ${near.url} signs with a key of its own, which LAKITU_MIRROR_KEY trusts: ${groups}`,
    )
  })

  test('may hold what the vendor signed as well', async () => {
    const near = await site()
    await release(near)
    const root = await testFolder()
    await put(root, 'mirror.asc', mirrorKey.armored)
    expect(await (await get({ mirror: near.url, mirrorKey: 'mirror.asc' }, root)).got).toMatchObject({
      version: '2.0.4',
    })
  })

  test('vouches for nothing that comes from the vendor’s site', async () => {
    const vendor = await site()
    await release(vendor, { key: mirrorKey })
    vendor.put('/pgp-key.txt', vendorKey.armored)
    const root = await testFolder()
    await put(root, 'mirror.asc', mirrorKey.armored)
    const { got } = await get({ site: vendor.url, mirrorKey: 'mirror.asc' }, root)
    await expect(got).rejects.toMatchObject({ code: 'E_SIGNED_BY_ANOTHER' })
  })

  test.each([
    ['absent.asc', 'E_MIRROR_KEY'],
    ['text', 'E_NOT_A_KEY'],
  ])('whose key file is wrong (%s) is an error', async (file, code) => {
    const near = await site()
    await publish(near, ['nomad', '2.0.4'], { key: mirrorKey })
    const root = await testFolder()
    await put(root, 'text', 'no key')
    const { got } = await get({ mirror: near.url, mirrorKey: file }, root)
    await expect(got).rejects.toMatchObject({ code })
  })
})

describe('time', () => {
  const [start, list] = [new Date('2024-01-01'), Buffer.from('a list')]
  const key = (armoredKey: string) => [{ fingerprint: vendorKey.fingerprint, armored: armoredKey }]
  const onDay = (n: number) => new Date(start.getTime() + n * day)

  test('a key that has expired since vouches for what it signed before, and for nothing later', async () => {
    const owned = await newKey({ created: start })
    const short = key(await owned.living((10 * day) / 1000, start))
    const before = { of: 'x', list, signature: await owned.sign(list, onDay(9)), now: onDay(20) }
    expect(await signerOf(before, short)).toBeDefined()
    const after = { ...before, signature: await owned.sign(list, onDay(11)) }
    await expect(signerOf(after, short)).rejects.toMatchObject({ code: 'E_KEY_EXPIRED' })
    expect(await signerOf(after, key(owned.armored))).toBeDefined()
  })

  test('a key that was retired vouches for what it signed before, one that was stolen for nothing', async () => {
    const old = await newKey({ created: start })
    const signed = { of: 'x', list, signature: await old.sign(list, onDay(5)), now: onDay(20) }
    expect(await signerOf(signed, key(await old.revoked('retired', onDay(10))))).toBeDefined()
    await expect(signerOf(signed, key(await old.revoked('compromised', onDay(10))))).rejects.toMatchObject({
      code: 'E_KEY_REVOKED',
    })
  })

  test('a signature of tomorrow is none', async () => {
    const owned = await newKey({ created: start })
    const signed = { of: 'x', list, signature: await owned.sign(list, onDay(5)), now: onDay(4) }
    await expect(signerOf(signed, key(owned.armored))).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' })
  })

  test('a signature that gpg made with an end holds until then', async () => {
    const signed = { of: 'x', list, signature: Buffer.from(gpgSignature, 'base64') }
    expect(await signerOf({ ...signed, now: onDay(3) }, key(gpgKey))).toBeDefined()
    await expect(signerOf({ ...signed, now: onDay(5) }, key(gpgKey))).rejects.toMatchObject({
      code: 'E_SIGNATURE_EXPIRED',
    })
  })
})

/** gpg --quick-gen-key on 2024-01-01; --default-sig-expire 3d -b over `a list`, on 2024-01-02. */
const gpgSignature =
  'iHsEABYIACMWIQTp3s85VpLEbthv15Cd6FdARPgLCwUCZZNSAAWDAAP0gAAKCRCd6FdARPgLCwSOAPwME862kere+NM/NBhirXNTGAihnpMY/0vKgyLjYR1dmgEAn13+kiEUR8BwokfMw9lmScyDBfLR+j0JVubBbtl/iAo='
const gpgKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZZIAgBYJKwYBBAHaRw8BAQdAFxyLplpl/eYK8dGn108Q8fd5aieR+4AGQgqZ
RgM/ncm0FkEgdGVzdCA8dEBleGFtcGxlLmNvbT6IkAQTFggAOBYhBOnezzlWksRu
2G/XkJ3oV0BE+AsLBQJlkgCAAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4BAheAAAoJ
EJ3oV0BE+AsLuDMA/3PxpqX+F53bDHapnYVtOno/uPkposQLY+Rhy630ui4uAQCx
n6uk38Ociah4KOXV7gcLGfJ8h8ZZKVCrK3aDpGX0AA==
=BzdJ
-----END PGP PUBLIC KEY BLOCK-----`
const zipEnd = `linux_${process.arch === 'x64' ? 'amd64' : process.arch}.zip`
