import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Disk } from '../ports/disk.ts'

/** Where a program ends up that opens a path. */
export interface Opened {
  readonly place: string
  /** Links on the way that decide where `..` leads to. */
  readonly links: readonly string[]
}

/** `..` leaves the folder that a link leads to, not the one that the link is in: names alone do not tell where that is. */
export function opened(disk: Disk, from: string, path: string): Opened {
  if (!/(?:^|\/)\.\.(?:\/|$)/.test(path)) return { place: resolve(from, path), links: [] }
  const links: string[] = []
  let place = isAbsolute(path) ? '/' : from
  for (const name of path.split('/')) {
    if (name === '..') {
      const real = disk.realPath(place) ?? place
      if (real !== place) links.push(...above(place).filter((part) => disk.identity(part)?.kind === 'link'))
      place = dirname(real)
    } else if (name !== '' && name !== '.') place = join(place, name)
  }
  return { place, links }
}

/** The path and every folder above it, the nearest first. */
export function above(path: string): readonly string[] {
  const up = dirname(path)
  return up === path ? [path] : [path, ...above(up)]
}
