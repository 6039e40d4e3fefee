import type { Downloads } from '../downloads/downloads.ts'
import type { CodeReader } from '../fingerprint/code.ts'
import type { Graph } from '../graph/graph.ts'
import type { Emit } from '../model/event.ts'
import type { ProjectState } from '../state/project.ts'
import type { StatCache } from '../state/stat-cache.ts'
import type { ToolAnswers } from '../state/tool-answers.ts'
import type { Ports } from './ports.ts'
import type { Secrets } from './secrets.ts'

/** A loaded project: what every part of the engine works on. */
export interface Project {
  readonly graph: Graph
  readonly state: ProjectState
  readonly stats: StatCache
  readonly code: CodeReader
  readonly ports: Ports
  readonly emit: Emit
  readonly secrets: Secrets
  /** What tools answered: each is asked once in a process. */
  readonly tools: ToolAnswers
  readonly downloads: Downloads
}
