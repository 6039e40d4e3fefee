/** Programs for the hosts, from wherever they can be had: with their sums checked, and their source named. */
export { type BinaryOptions, binary } from './binary.ts'
export { type CniOptions, cniPlugins } from './cni.ts'
export { type Downloaded, type DownloadOptions, download } from './download.ts'
export { type LockOptions, lockCommand } from './lock.ts'
export { type Lock, type LockedFile, type LockedProduct, lockFile } from './lock-file.ts'
export type { Binary, BinarySpec } from './program.ts'
export { isVersion } from './versions.ts'
