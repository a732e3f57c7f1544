import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

/** A file system of its own needs a user namespace, which not every machine gives away. */
export const canMountDisks =
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=1m none /tmp']).status === 0

export interface SmallDisk {
  /** The process whose file systems have it. */
  readonly pid: number
  /** As that process sees it. */
  readonly folder: string
  /** As everybody else sees it. */
  readonly outside: string
  fill(): void
  empty(): void
}

/** A disk in memory that outlives the processes on it, until the test ends. */
export async function aSmallDisk(megabytes: number): Promise<SmallDisk> {
  const folder = join(temporaryFolder(), 'disk')
  mkdirSync(folder)
  const command = `mount -t tmpfs -o size=${megabytes}m none '${folder}' && echo mounted && exec sleep 86400`
  const holder = spawn('unshare', ['-Urm', 'sh', '-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.kill('SIGKILL'))
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve)
    holder.once('exit', (code) => reject(new Error(`no disk was mounted (${code})`)))
  })
  const outside = join('/proc', String(holder.pid), 'root', folder)
  const ballast = join(outside, 'ballast')
  return {
    pid: holder.pid!,
    folder,
    outside,
    fill: () => fillDisk(ballast),
    empty: () => rmSync(ballast, { force: true }),
  }
}

/** Takes the last byte that there is. */
function fillDisk(path: string): void {
  for (let size = 1_048_576; size >= 512; ) {
    try {
      writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch {
      size /= 2
    }
  }
}
