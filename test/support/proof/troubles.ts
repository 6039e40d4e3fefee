import type { Playground } from '../playground.ts'
import { badConfigs } from './bad-configs.ts'
import { badSources } from './bad-sources.ts'
import { all } from './chosen.ts'
import { lostHosts } from './lost-hosts.ts'
import { twoWatches, usersOwn } from './others.ts'

/** Bad input on real hosts: each case a clear word, and a good apply after it heals. */
export function troubles(playground: () => Playground): void {
  badSources(playground)
  badConfigs(playground)
  lostHosts(playground)
  usersOwn(playground)
  if (all) twoWatches(playground)
}
