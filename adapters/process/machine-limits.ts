import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

export interface MachineLimits {
  /** Cores that this process may use; a part of one counts. */
  readonly cores: number
  readonly memoryBytes: number
}

/**
 * What the machine gives this process: its cores and memory, or less where a container or a unit of systemd sets limits
 * (control groups, version 2 or 1). A limit of any group above ours holds as well.
 */
export function readMachineLimits(root = '/'): MachineLimits {
  const groups = readGroups(root)
  const folder = join(root, 'sys', 'fs', 'cgroup')
  const unified = foldersUpTo(folder, groups.get('') ?? '/')
  const memory = foldersUpTo(join(folder, 'memory'), groups.get('memory') ?? '/')
  const cpu = foldersUpTo(join(folder, 'cpu'), groups.get('cpu') ?? '/')
  const memoryLimits = [
    ...unified.map((path) => readNumber(join(path, 'memory.max'))),
    ...memory.map((path) => readNumber(join(path, 'memory.limit_in_bytes'))),
  ]
  const coreLimits = [
    ...unified.map((path) => quotaOf(readText(join(path, 'cpu.max'))?.split(' '))),
    ...cpu.map((path) =>
      quotaOf([readText(join(path, 'cpu.cfs_quota_us')), readText(join(path, 'cpu.cfs_period_us'))]),
    ),
  ]
  return {
    cores: Math.min(availableParallelism(), ...coreLimits.filter((cores) => cores > 0)),
    memoryBytes: Math.min(totalmem(), ...memoryLimits.filter((bytes) => bytes > 0)),
  }
}

/** Threads for work that can use all cores. */
export function usableThreads(limits: MachineLimits = readMachineLimits()): number {
  return Math.max(1, Math.floor(limits.cores))
}

/** From controller to path; the empty name is the one hierarchy of version 2. */
function readGroups(root: string): ReadonlyMap<string, string> {
  const lines = readText(join(root, 'proc', 'self', 'cgroup'))?.split('\n') ?? []
  return new Map(
    lines.flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
      return controllers === undefined || path === undefined
        ? []
        : controllers.split(',').map((controller): [string, string] => [controller, path])
    }),
  )
}

/** In a container the path may be that of the host and lead nowhere; its limits then stand in the topmost folder. */
function foldersUpTo(top: string, path: string): string[] {
  const folders = [top]
  for (let at = path; at !== '/' && at !== '.' && at !== ''; at = dirname(at)) folders.push(join(top, at))
  return folders
}

/** Not a number where there is no limit. */
function quotaOf(words: readonly (string | undefined)[] | undefined): number {
  return Number(words?.[0]) / Number(words?.[1])
}

function readNumber(path: string): number {
  return Number(readText(path))
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
