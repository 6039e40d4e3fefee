/** A cluster as data: its specification, the names that follow from it, and its inventory. */
export { type Cluster, type Component, type ComponentName, type Host, type Provider, providers } from './cluster.ts'
export { type Connection, type Inventory, type InventoryOptions, inventoryOf } from './inventory.ts'
export { bridgeOf, type MachineSpec, type MachinesSpec, machinesOf } from './names.ts'
export { type ClusterSpec, type ComponentSpec, defineCluster, type HostSpec } from './spec.ts'
