import { count, duration, listing } from '../util/text.ts'
import { pad, visibleLines } from '../util/width.ts'
import { errorText } from './error-text.ts'
import { noPaint, type Paint } from './paint.ts'
import type { Story, Told } from './story.ts'

const mostTasks = 8

/**
 * The end of a run, in the order of what a reader looks for from the bottom up: last one line with the outcome, above
 * it each failure in full, above that what ran, what was left out and what was warned of.
 */
export function summaryText(story: Story, paint: Paint = noPaint): string {
  if (isAllFresh(story)) return `${nothingToDo(story, paint)}\n`
  const lists = listLines(story, paint)
  const failures = story.failed.map((failure) => failureText(failure, paint))
  const blocks = [...(lists.length > 0 ? [`${lists.join('\n')}\n`] : []), ...failures]
  return [...blocks, `${lastLine(story, paint)}\n`].join('\n')
}

/** The summary as a view ends with it: set off from the lines above, if there can be any. */
export function closingText(story: Story, paint: Paint): string {
  return isAllFresh(story) ? summaryText(story, paint) : `\n${summaryText(story, paint)}`
}

function isAllFresh({ ran, restored, leftOut, failed, blocked, stopped, warnings, outcome }: Story): boolean {
  return (
    outcome === 'done' &&
    [ran, restored, leftOut, failed, blocked, stopped, warnings].every(({ length }) => length === 0)
  )
}

function nothingToDo({ fresh, ms }: Story, { green }: Paint): string {
  const tasks = fresh === 0 ? 'No task, ' : `${count(fresh, 'task')} fresh, `
  return `${green('✔')} ${tasks}nothing to do (${duration(ms)})`
}

function listLines(
  { ran, restored, leftOut, blocked, stopped, served, warnings }: Story,
  { dim, yellow }: Paint,
): string[] {
  const line = (label: string, text: string, color = dim) => `${color(pad(label, 8))}  ${text}`
  return [
    ...(ran.length > 0 ? [line('ran', ranText(ran))] : []),
    ...(restored.length > 0 ? [line('restored', restoredText(restored))] : []),
    ...(served.length > 0 ? [line('served', listing(served.map(({ task }) => task)))] : []),
    ...leftOut.map(({ task, ending }) => line('left out', `${task}: ${ending.reason}`, yellow)),
    ...byBlocker(blocked).map(([by, tasks]) => line('blocked', `${listing(tasks)} (by ${by})`)),
    ...(stopped.length > 0 ? [line('stopped', listing(stopped.map(({ task }) => task)))] : []),
    ...warnings.map(({ text, task }) =>
      line('warning', indented(task === undefined ? text : `${task}: ${text}`), yellow),
    ),
  ]
}

/** The slowest first: they are what a person can do something about. */
function ranText(ran: Story['ran']): string {
  const slowest = ran.toSorted((a, b) => b.ms - a.ms)
  return listing(
    slowest.map(({ task, ms }) => `${task} ${duration(ms)}`),
    mostTasks,
  )
}

/** With what their runs took when they were made, where that is worth telling. */
function restoredText(restored: Story['restored']): string {
  const tasks = listing(
    restored.map(({ task }) => task),
    mostTasks,
  )
  const saved = restored.reduce((sum, { ending }) => sum + ending.saved, 0)
  return saved < 1000 ? tasks : `${tasks} (${duration(saved)} saved)`
}

function byBlocker(blocked: Story['blocked']): [by: string, tasks: string[]][] {
  return [...Map.groupBy(blocked, ({ ending }) => ending.by)].map(([by, all]) => [by, all.map(({ task }) => task)])
}

/** Further lines of a text stand under its first one. */
function indented(text: string): string {
  return visibleLines(text.replace(/\n+$/, '')).replaceAll('\n', `\n${' '.repeat(10)}`)
}

function failureText({ task, ending, ms }: Told<'failed'>, paint: Paint): string {
  const head = `${paint.red('✖')} ${paint.bold(task)} ${ending.still ? 'still failed' : `failed after ${duration(ms)}`}`
  return `${head}\n${errorText(ending.error, ending, paint).replace(/^(?=.)/gm, '  ')}`
}

function lastLine(story: Story, { green, red, yellow }: Paint): string {
  const { ran, restored, leftOut, failed, blocked, stopped, served, fresh, ms } = story
  const counts: [number, string][] = [
    [failed.length, 'failed'],
    [blocked.length, 'blocked'],
    [stopped.length, 'stopped'],
    [ran.length, 'ran'],
    [restored.length, 'restored'],
    [served.length, 'served'],
    [fresh, 'fresh'],
    [leftOut.length, 'left out'],
  ]
  const told = counts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`)
  const head = {
    done: `${green('✔')} Done in`,
    failed: `${red('✖')} Failed after`,
    stopped: `${yellow('■')} Stopped after`,
  }[story.outcome]
  return `${head} ${duration(ms)}${told.length > 0 ? `: ${told.join(', ')}` : ''}`
}
