/** Hosts in LXC containers: their box, their bridge, whose they are, and what is left of them after a crash. */
export { type Box, type BoxOptions, boxTask, makeBox } from './box.ts'
export { ensureBridge, removeBridge } from './bridge.ts'
export { bornAt, type Container, lxcFolder, parseContainers, readContainers, running } from './containers.ts'
export {
  type LabContext,
  type LabOptions,
  mendLab,
  pruneBases,
  refuseForeign,
  removeContainer,
  surveyLab,
} from './lab.ts'
export { bridgeSteps, checkNetwork, type Link } from './network.ts'
export { foreign, groupOf, hostConfig, isGone, type Owner, ownerHere, ownerIn } from './owner.ts'
export { type LabPlan, type LabState, planLab } from './plan.ts'
export { baseFolder } from './template.ts'
