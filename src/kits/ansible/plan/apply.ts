import { greets } from '../../vagrant/ssh.ts'
import { Applying } from './applying.ts'
import { hostDown } from './errors.ts'
import { foldersOf, identitiesOf, indexed } from './layout.ts'
import { Ledger } from './ledger.ts'
import type { ApplyContext, ApplyOptions } from './options.ts'
import { planOf } from './plan.ts'
import { agentsBefore, unlike as unlikeNow } from './unlike.ts'
import { wholly } from './wholly.ts'
import { planText, reasonLines } from './words.ts'

/**
 * Applies what differs from what was applied, by the same playbook with `--tags` and `--limit`, or the whole of it where that is not
 * sure. Says why before it runs. A host that cannot be reached is owed its part, which is an error once the others have theirs.
 * Agents that are not healthy afterwards get one run of the whole playbook; then it is an error with what was changed and the end
 * of their log. Errors: those of `indexOf`, before anything is begun; `E_ANSIBLE_TASK`, `E_HOST_DOWN`, `E_UNHEALTHY`.
 */
export async function apply(ctx: ApplyContext, options: ApplyOptions): Promise<void> {
  const folders = foldersOf(options)
  const { seen, index } = await indexed(ctx.root, folders)
  const machines = identitiesOf(options)
  const ledger = new Ledger(ctx, machines)
  await ledger.forgetOthers(index)
  const absent = await absentAmong(index.hosts, options)
  const unlike = unlikeNow(agentsBefore(ctx.previous), (await options.agents?.()) ?? {})
  const plan = planOf({
    index,
    applied: ledger.applied,
    machines,
    unlike,
    absent,
    wholly: wholly(ctx, options.planned),
  })
  for (const line of reasonLines(plan, folders)) ctx.log(line)
  ctx.log(planText(plan))
  const [needs] = index.needsAllHosts
  if (absent.length > 0 && needs && plan.kind !== 'nothing') throw hostDown(absent, needs)
  const lost =
    plan.kind === 'nothing' ? [] : await new Applying({ ctx, options, index, seen, ledger, absent }).run(plan)
  if (absent.length + lost.length > 0) throw hostDown([...absent, ...lost], undefined)
}

/** The hosts whose ssh server does not greet within 3 s. */
async function absentAmong(hosts: readonly string[], options: ApplyOptions): Promise<readonly string[]> {
  const { machines, connections } = options
  const asked = hosts.map(async (host) => {
    const connection = connections[host]
    // One of which nothing is known is left to Ansible.
    return machines[host] !== undefined && (!connection || (await greets({ host, ...connection }, 3000)))
  })
  const answers = await Promise.all(asked)
  return hosts.filter((_, i) => !answers[i])
}
