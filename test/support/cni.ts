import { tarGzOf } from './archive.ts'
import { type Mirror, sumOf } from './mirror.ts'

/** A plugin that says what it is as the real ones do: to stderr, where nothing is asked of it. */
export function fakePlugin(name: string, version: string): string {
  return `#!/bin/sh\nprintf 'CNI ${name} plugin ${version}\\nCNI protocol versions supported: 1.0.0\\n' >&2\n`
}

export function cniArchive(version: string): Buffer {
  return tarGzOf([
    { name: './' },
    { name: './bridge', content: fakePlugin('bridge', `v${version}`), mode: 0o755 },
    { name: './loopback', content: fakePlugin('loopback', `v${version}`), mode: 0o755 },
  ])
}

/** Publishes the plugins as GitHub has them, each sum beside its file. Answers path and sum by architecture. */
export function publishCni(site: Mirror, version: string, architectures = ['amd64', 'arm64']) {
  const tgz = cniArchive(version)
  const sha256 = sumOf(tgz)
  const paths = architectures.map((arch) => {
    const file = `cni-plugins-linux-${arch}-v${version}.tgz`
    const path = `/containernetworking/plugins/releases/download/v${version}/${file}`
    site.put(path, tgz)
    site.put(`${path}.sha256`, `${sha256}  ${file}\n`)
    return path
  })
  return { paths, sha256, size: tgz.length }
}
