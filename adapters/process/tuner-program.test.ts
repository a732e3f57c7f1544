import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock/system-clock.ts'
import { findPackageRoot } from '../files/package-root.ts'
import { createTunerProgram } from './tuner-program.ts'

const program = createTunerProgram({
  clock: systemClock,
  packageRoot: findPackageRoot(import.meta.url),
  isSource: true,
  env: { PATH: process.env['PATH'] },
})
const never = new AbortController().signal

describe('the tuner as a process', { timeout: 60_000 }, () => {
  it('ends with its exit code and its last line', async () => {
    expect(await program.run(['--version'], { timeoutMs: 60_000, signal: never })).toMatchObject({ exitCode: 0 })
    const wrong = await program.run(['replya'], { timeoutMs: 60_000, signal: never })
    expect(wrong).toMatchObject({ exitCode: 64 })
    expect(wrong.lastLine).not.toBe('')
  })
  it('is stopped at its time, and when the miner stops', async () => {
    expect(await program.run(['--version'], { timeoutMs: 1, signal: never })).toMatchObject({ exitCode: null })
    const stop = new AbortController()
    const running = program.run(['--version'], { timeoutMs: 60_000, signal: stop.signal })
    stop.abort()
    expect((await running).exitCode).toBeNull()
  })
})
