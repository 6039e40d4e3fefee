import { dirname, resolve } from 'node:path'
import type { Disk } from '../ports/disk.ts'
import { isRacy } from '../state/stat-cache.ts'
import { findProgram } from './environment.ts'
import { execFor } from './exec.ts'
import { above } from './opened.ts'
import type { Project } from './project.ts'

export interface Question {
  readonly program: string
  readonly args: readonly string[]
  /** Whether the answer holds as long as the program's file is the same. */
  readonly trustsFile: boolean
}

/** The times of a file on another file system than the stamp's are compared with this much room, in ms. */
const room = 2000

/** What a tool says: asked once in a process, and not at all where its trusted file is the one that answered before. */
export function askTool(project: Project, task: string, question: Question, signal: AbortSignal): Promise<string> {
  const key = JSON.stringify([question.program, ...question.args])
  const known = project.tools.asked.get(key)
  if (known) return known
  const answer = question.trustsFile ? trusting(project, task, question, signal) : ask(project, task, question, signal)
  project.tools.asked.set(key, answer)
  // What fails now may be installed by the next task: only an answer is kept.
  answer.catch(() => project.tools.asked.delete(key))
  return answer
}

async function trusting(project: Project, task: string, question: Question, signal: AbortSignal): Promise<string> {
  const { ports, tools, stats, graph, secrets } = project
  const key = JSON.stringify([question.program, ...question.args])
  const lookup = { cwd: graph.root, path: ports.environment['PATH'] }
  const look = () => wayTo(ports.disk, findProgram(ports.disk, question.program, lookup))
  const before = look()
  const recalled = tools.recall(key, textOf(before))
  if (recalled !== undefined) return recalled
  const stamp = stats.stampNow()
  const text = await ask(project, task, question, signal)
  // A file that was written a moment ago may be written again with the same times.
  const isOld = before?.every(([, identity]) => identity && !isRacy(identity, stamp - room)) ?? false
  const file = textOf(look())
  if (isOld && file === textOf(before) && secrets.within(text) === undefined) tools.remember(key, { file, text })
  return text
}

type Way = readonly (readonly [path: string, identity: ReturnType<Disk['identity']>])[]

/** The links on the way to a file, folders among them, and the file itself; undefined where they go round in a circle. */
function wayTo(disk: Disk, place: string): Way | undefined {
  const links: string[] = []
  let at = place
  for (let hops = 0; hops < 40; hops += 1) {
    const link = above(at).findLast((path) => disk.identity(path)?.kind === 'link')
    if (link === undefined) return [...links, at].map((path) => [path, disk.identity(path)])
    links.push(link)
    at = resolve(dirname(link), disk.readLink(link)) + at.slice(link.length)
  }
  return undefined
}

function textOf(way: Way | undefined): string {
  return JSON.stringify(way ?? null)
}

async function ask(project: Project, task: string, { program, args }: Question, signal: AbortSignal): Promise<string> {
  const { ports, secrets, graph } = project
  const exec = execFor({
    task,
    root: graph.root,
    ports,
    secrets,
    signal,
    mark: `tool-${task}`,
    sweep: false,
    onLine: () => {},
    onWarning: () => {},
  })
  const { stdout, stderr } = await exec(program, args, { timeout: 30_000 })
  return (stdout || stderr).trim()
}
