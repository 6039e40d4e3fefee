/** Programs for the hosts, from wherever they can be had: with their sums checked, and their source named. */
export { type BinaryOptions, binary } from './binary.ts'
export type { Binary, BinarySpec } from './program.ts'
