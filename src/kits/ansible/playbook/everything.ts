import { hostsOfPattern } from './hosts.ts'
import { readInventory, type Structure } from './inventory.ts'
import { inRole, isTaskPart, isYaml } from './places.ts'
import { type Playbooks, readPlays } from './plays.ts'
import type { Reader } from './reader.ts'
import { type Roles, readRoles } from './roles.ts'
import { readVariables, type Variables } from './variables.ts'

/** All that is read of the two folders, before it is put together. */
export interface Everything {
  readonly reader: Reader
  readonly inventory: Structure
  readonly playbooks: Playbooks
  readonly roles: Roles
  readonly variables: Variables
}

/** Reads and checks everything; what is wrong is among the reader's faults. */
export function readEverything(reader: Reader): Everything {
  const playbooks = readPlays(reader)
  const inventory = readInventory(reader)
  const roles = readRoles(reader, playbooks.plays, (pattern) => hostsOfPattern(pattern, inventory))
  const variables = readVariables(reader, inventory, playbooks.plays)
  for (const { files } of roles.byName.values()) for (const file of files) balanced(reader, file)
  return { reader, inventory, playbooks, roles, variables }
}

function balanced(reader: Reader, file: string): void {
  const { part = '' } = inRole(file) ?? {}
  if (part === 'templates') reader.balancedText('playbook', file)
  else if (isTaskPart(part) && part !== 'meta' && isYaml(file)) reader.balancedStrings('playbook', file)
}
