import { link, mkdir, open, realpath, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Member, memberName, unsafe } from './members.ts'

/**
 * Writes members into a new folder and answers the names of the files and links. Links come last, when every folder is
 * there, so that nothing is ever written through one; then each must lead to something inside, however it gets there.
 */
export async function fillFolder(
  folder: string,
  archive: string,
  members: (take: (member: Member) => Promise<void>) => Promise<void>,
): Promise<readonly string[]> {
  const names: string[] = []
  const links: Member[] = []
  await mkdir(folder)
  await members(async (member) => {
    const path = join(folder, member.name)
    if (member.kind === 'folder') {
      await once(archive, member, () => mkdir(path, { recursive: true }))
      return
    }
    names.push(member.name)
    if (member.kind === 'link') {
      links.push(member)
      return
    }
    await once(archive, member, async () => {
      await mkdir(dirname(path), { recursive: true })
      if (member.kind === 'file') {
        // Opened here, because a stream that still opens its file when it is let go would make it after all.
        const file = await open(path, 'wx', member.mode ?? 0o644)
        await pipeline(member.content(), file.createWriteStream())
      } else {
        await link(join(folder, memberName(archive, member.target)), path)
      }
    })
  })
  for (const member of links) {
    await once(archive, member, () => mkdir(dirname(join(folder, member.name)), { recursive: true }))
  }
  for (const member of links) await once(archive, member, () => symlink(member.target, join(folder, member.name)))
  for (const member of links) await checkLink(folder, archive, member)
  return names
}

/** Two members that want one place (on this disk, which may fold case) are no accident that should be settled by order. */
async function once(archive: string, member: Member, write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') {
      throw unsafe(archive, member.name, 'another member has the same name or stands in its way')
    }
    if (code === 'ENOENT' && member.kind === 'hard-link') throw unsafe(archive, member.name, 'it links to no member')
    throw error
  }
}

async function checkLink(folder: string, archive: string, member: Member): Promise<void> {
  if (isAbsolute(member.target)) throw unsafe(archive, member.name, 'it is a link to an absolute path')
  const home = await realpath(folder)
  const end = await realpath(join(folder, member.name)).catch(() => undefined)
  if (end === undefined) throw unsafe(archive, member.name, 'it is a link that leads nowhere')
  const inside = relative(home, end)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw unsafe(archive, member.name, 'it is a link that leaves the folder')
  }
}
