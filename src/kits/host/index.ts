/** This computer: its tools, and how to do something on it as root. */

export { vagrantPrivateKey, vagrantPublicKeys } from './keys.ts'
export { installCommands, type Manager, type ToolNeed, toolNeeds } from './needs.ts'
export { gemFolders, hasProgram, hasVagrantPlugin, vagrantHome } from './programs.ts'
export { asRoot, mayBeRoot, needRoot } from './root.ts'
export { type HostTools, type HostToolsOptions, hostTools, installTools, needContainers, probeTools } from './tools.ts'
