import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { type Options, texts, withCommonOptions } from './options.ts'

/** What the command line can say; `done` gets the exit code. Each command is loaded only when it is called. */
export function program(done: (code: number) => void): Command {
  const lakitu = new Command('lakitu')
  const options = (): Options => lakitu.opts<Options>()
  withCommonOptions(lakitu)
    .configureOutput(texts)
    .description('Make for tiny clouds: brings tasks up to date, skips what is already right.')
    .version(version(), '--version', 'print the version')
    .argument('[tasks...]', 'tasks to bring up to date; without any, the tasks there are')
    .action(async (tasks: string[]) => {
      if (tasks.length === 0) done(await (await import('./commands/list.ts')).overviewCommand(options()))
      else await (await import('./commands/run.ts')).runCommand(tasks, options(), done)
    })
  lakitu
    .command('watch [tasks...]')
    .description('keep tasks up to date while files change; what the config says if none is named')
    .action(async (tasks: string[]) => done(await (await import('./commands/watch.ts')).watchCommand(tasks, options())))
  lakitu
    .command('plan [tasks...]')
    .description('what will run, what may, what is fresh, with reasons; changes nothing')
    .option('--file <path>', 'who reads this file, and what an edit of it would run; may be given again', listed, [])
    .action(async (tasks: string[], how: { readonly file: readonly string[] }) =>
      done(await (await import('./commands/plan.ts')).planCommand(tasks, how, options())),
    )
  lakitu
    .command('why <task>')
    .description('every reason for which a task would run; changes nothing')
    .action(async (task: string) => done(await (await import('./commands/plan.ts')).whyCommand(task, options())))
  lakitu
    .command('list')
    .description('the tasks, for programs')
    .action(async () => done(await (await import('./commands/list.ts')).listCommand(options())))
  lakitu
    .command('log <task>')
    .description('the log of the last run of a task')
    .action(async (task: string) => done(await (await import('./commands/log.ts')).logCommand(task, options())))
  lakitu
    .command('accept <tasks...>')
    .description('record what is there as if the tasks had run, saying what is taken on faith')
    .action(async (tasks: string[]) =>
      done(await (await import('./commands/accept.ts')).acceptCommand(tasks, options())),
    )
  lakitu
    .command('forget <tasks...>')
    .description('drop what is known of tasks that are gone from the config')
    .action(async (tasks: string[]) =>
      done(await (await import('./commands/forget.ts')).forgetCommand(tasks, options())),
    )
  lakitu
    .command('cache')
    .description('what the caches hold, for whom, how big and how old')
    .option('--gc', 'take away what was used longest ago, down to the limits')
    .action(async (how: { readonly gc?: boolean }) =>
      done(await (await import('./commands/cache.ts')).cacheCommand(how, options())),
    )
  return lakitu
}

function listed(path: string, before: readonly string[]): readonly string[] {
  return [...before, path]
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : ''
}
