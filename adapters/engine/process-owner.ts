import { hostname } from 'node:os'

/** Names this process for leases: `host/pid/start`. */
export function nameOwner(nowMs: number): string {
  return `${hostname()}/${process.pid}/${Math.round(nowMs)}`
}

/** Certain only on this machine: a process number that no process has any more. */
export function isOwnerGone(owner: string): boolean {
  const [host, pid] = owner.split('/')
  if (host !== hostname() || pid === undefined || !/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
