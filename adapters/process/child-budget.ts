import type { MachineLimits } from './machine-limits.ts'

export interface ChildBudget {
  readonly threads: number
  /** Of each thread's own heap. */
  readonly heapMegabytes: number
}

const mostThreads = 8
const leastHeapMegabytes = 256
const mostHeapMegabytes = 2_048

/** A core is left to the miner, and three quarters of the memory to it, the system and what is not on a heap. */
export function childBudget({ cores, memoryBytes }: MachineLimits): ChildBudget {
  const threads = Math.min(Math.max(Math.floor(cores) - 1, 1), mostThreads)
  // The main thread has a heap, too.
  const share = Math.floor(memoryBytes / 4 / (threads + 1) / (1 << 20))
  return { threads, heapMegabytes: Math.min(Math.max(share, leastHeapMegabytes), mostHeapMegabytes) }
}
