import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { waitUntil } from '#tests/support/wait-until'
import { systemClock } from '../clock/system-clock.ts'
import { openLog } from './pino-logger.ts'

const program = 'test'
const filler = 'x'.repeat(1_000)

/** A pipe with both ends in our hands. */
function aPipe(): { readFd: number; writeFd: number } {
  const path = join(temporaryFolder(), 'pipe')
  expect(spawnSync('mkfifo', [path]).status).toBe(0)
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writeFd = openSync(path, constants.O_WRONLY)
  return { readFd, writeFd }
}

/** What lies in the pipe now. */
function readAll(fd: number): string {
  const buffer = Buffer.alloc(1 << 16)
  let text = ''
  try {
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) text += buffer.toString('utf8', 0, n)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
  }
  return text
}

describe('a log to a pipe', () => {
  it('waits for no reader, drops what it cannot keep, and later says how many lines that were', async () => {
    const { readFd, writeFd } = aPipe()
    const { log, health, close } = openLog({ level: 'info', program, output: { kind: 'stream', fd: writeFd } })
    onTestFinished(close)
    const written = 3_000
    for (let i = 0; i < written; i += 1) log.info({ event: 'test.said', i, filler }, 'A line')
    expect(health()).toMatchObject({ state: 'degraded' })
    const dropped = Number(/(\d+) lines dropped/.exec(health().sentence)?.[1])
    expect(dropped).toBeGreaterThan(1_000)
    let text = ''
    await waitUntil(() => {
      text += readAll(readFd)
      return text.includes('log.dropped')
    })
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; i?: number; dropped?: number })
    // Whole lines, in order, without a gap that is not told.
    expect(entries.at(-1)).toMatchObject({ event: 'log.dropped', dropped })
    expect(entries.slice(0, -1).map(({ i }) => i)).toEqual(Array.from({ length: written - dropped }, (_, i) => i))
  })

  it('continues without a reader, and reports it', async () => {
    const { readFd, writeFd } = aPipe()
    const { log, health, flush, close } = openLog({ level: 'info', program, output: { kind: 'stream', fd: writeFd } })
    onTestFinished(close)
    closeSync(readFd)
    log.info({ event: 'test.said' }, 'A line')
    expect(await flush()).toBe(false)
    expect(health()).toMatchObject({ state: 'degraded', sentence: expect.stringContaining('EPIPE') as string })
  })
})

describe('a log to a file', () => {
  it('sets a full file aside and keeps the configured number', async () => {
    const path = join(temporaryFolder(), 'logs', 'miner.log')
    const output = { kind: 'file', path, maxBytes: 10_000, keepFiles: 2 } as const
    const { log, health, flush, close } = openLog({ level: 'info', program, output })
    for (let i = 0; i < 50; i += 1) {
      log.info({ event: 'test.said', i, filler }, 'A line')
      await flush()
    }
    await close()
    expect(health().state).toBe('ok')
    expect(readdirSync(join(path, '..')).sort()).toEqual(['miner.log', 'miner.log.1', 'miner.log.2'])
    const lines = ['.2', '.1', ''].flatMap((age) => readFileSync(`${path}${age}`, 'utf8').trimEnd().split('\n'))
    const numbers = lines.map((line) => (JSON.parse(line) as { i: number }).i)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, k) => 50 - numbers.length + k))
    expect(numbers.length).toBeGreaterThan(16)
  })

  it('keeps growing when it cannot be rotated, and says so', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'miner.log')
    const { log, health, flush, close } = openLog({
      level: 'info',
      program,
      output: { kind: 'file', path, maxBytes: 2_000, keepFiles: 1 },
    })
    // A folder with something in it stands where the older file would go.
    expect(spawnSync('mkdir', ['-p', join(`${path}.1`, 'in the way')]).status).toBe(0)
    for (let i = 0; i < 4; i += 1) {
      log.info({ event: 'test.said', i, filler }, 'A line')
      await flush()
    }
    expect(health()).toMatchObject({ state: 'degraded', sentence: expect.stringContaining('keeps growing') as string })
    await close()
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').length).toBe(4)
  })

  it('starts without its folder, and writes once there is one', async () => {
    const folder = join(temporaryFolder(), 'logs')
    writeFileSync(folder, 'a file is in the way')
    const path = join(folder, 'miner.log')
    const output = { kind: 'file', path, maxBytes: 10_000, keepFiles: 2 } as const
    const { log, health, flush, close } = openLog({ level: 'info', program, output })
    expect(health()).toMatchObject({ state: 'degraded', hint: expect.stringContaining('log.file') as string })
    log.info({ event: 'test.said' }, 'A line')
    expect(await flush()).toBe(false)
    expect(spawnSync('sh', ['-c', `rm '${folder}' && mkdir '${folder}'`]).status).toBe(0)
    expect(await flush()).toBe(true)
    expect(health().state).toBe('ok')
    await close()
    expect(readFileSync(path, 'utf8')).toContain('test.said')
  })

  it('takes lines while the disk is full, without waiting', async () => {
    const output = { kind: 'file', path: '/dev/full', maxBytes: 10_000, keepFiles: 2 } as const
    const { log, health, flush, close } = openLog({ level: 'info', program, output })
    onTestFinished(close)
    const beganAtMs = systemClock.monotonicMs()
    log.info({ event: 'test.said' }, 'A line')
    expect(systemClock.monotonicMs() - beganAtMs).toBeLessThan(1_000)
    expect(await flush()).toBe(false)
    expect(health()).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('ENOSPC') as string,
      hint: expect.stringContaining('Free some disk space') as string,
    })
  })
})
