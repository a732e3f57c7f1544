import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import type { DiskFullReport } from './disk-full-child-worker.ts'

/** A file system of its own needs a user namespace, which not every machine gives away. */
const unshare = ['-Urm', 'sh', '-c']
const canMount = spawnSync('unshare', [...unshare, 'mount -t tmpfs -o size=1m none /tmp']).status === 0
const skipped = canMount ? '' : ' (skipped: no user namespaces)'

it.skipIf(!canMount)(
  `serves on while the disk is full, and writes within 5 s of there being room again${skipped}`,
  async () => {
    const folder = join(temporaryFolder(), 'disk')
    mkdirSync(folder)
    const script = join(import.meta.dirname, 'disk-full-child-worker.ts')
    const command = `mount -t tmpfs -o size=8m none '${folder}' && exec '${process.execPath}' --import tsx '${script}' '${folder}'`
    const child = spawn('unshare', [...unshare, command], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
    const exitCode = await new Promise((resolve) => child.once('close', resolve))
    expect(exitCode).toBe(0)
    const report = JSON.parse(text) as DiskFullReport
    console.log(JSON.stringify(report))
    expect(report.before).toEqual({ committed: 5, unpersisted: 0 })
    expect(report.whileFull.unpersisted).toBeGreaterThan(0)
    expect(report.whileFull.reasons.every((reason) => /^(full|io):/.test(reason))).toBe(true)
    expect(report.complaints).toBe(1)
    expect(report.healthWhileFull).toBe('degraded')
    expect(report.recoveredAfterMs).toBeLessThan(5_000)
    expect(report.healthAfter).toBe('ok')
    // What was answered while the disk was full is written late, so that in the end nothing is missing.
    expect(report.records).toBe(report.before.committed + report.whileFull.asked + report.after.committed)
    expect(report.after).toEqual({ committed: 5, unpersisted: 0 })
    expect(report.integrity).toBe('ok')
  },
)
