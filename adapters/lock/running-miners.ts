import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { RunningMiner } from '#core/tuning/settings/find-database'

/**
 * The miners of this user, by the lock files that their processes hold open. Linux only: elsewhere none is found.
 */
export function findRunningMiners(): RunningMiner[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => locksOf(pid).map((lock) => ({ pid: Number(pid), databasePath: lock.slice(0, -'.lock'.length) })))
}

function locksOf(pid: string): string[] {
  const open = namesIn(`/proc/${pid}/fd`).flatMap((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [])
  // Only the holder has its number in the file beside.
  const isHeld = (path: string): boolean => attempt(() => readFileSync(`${path}.pid`, 'utf8').trim()) === pid
  return [...new Set(open.filter((path) => path.endsWith('.lock') && isHeld(path)))]
}

function namesIn(folder: string): string[] {
  return attempt(() => readdirSync(folder)) ?? []
}

/** Processes end while they are looked at, and those of others are closed to us. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
