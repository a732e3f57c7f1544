import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runProgram, startMiner } from '#tests/support/programs'
import { temporaryFolder } from '#tests/support/temporary-folder'

const preload = fileURLToPath(new URL('../support/preloads/plant-bug.mjs', import.meta.url))
const plantedBug = (kind: string) => ({ NODE_OPTIONS: `--import ${preload}`, PLANTED_BUG: kind })

describe.each(['exception', 'rejection'])('an uncaught %s', (kind) => {
  it('is one line of the miner, which then exits with 70', async () => {
    const miner = await startMiner(['--health.port', '0'], { cwd: temporaryFolder(), env: plantedBug(kind) })
    const before = miner.lines.length
    miner.child.kill('SIGUSR2')
    expect(await miner.exit).toBe(70)
    const after = miner.lines.slice(before).map((line) => JSON.parse(line) as { level: string })
    expect(after.filter(({ level }) => level === 'fatal' || level === 'error')).toMatchObject([
      { level: 'fatal', event: 'miner.failed', err: { message: 'planted by the test', stack: expect.any(String) } },
    ])
  })

  it('is a sentence of the tuner, which then exits with 70', () => {
    const env = { ...plantedBug(kind), PLANTED_AT: 'once' }
    const { exitCode, stderr } = runProgram('tuner', ['regimes', 'list'], { cwd: temporaryFolder(), env })
    expect(exitCode).toBe(70)
    expect(stderr).toContain('BUG: Error: planted by the test')
    expect(stderr).toContain('Report it with the stack trace.')
  })
})

it('standard output on a full disk is no bug: the tuner says so and asks to try again', () => {
  const { exitCode, stderr } = runProgram('tuner', ['regimes', 'list'], { cwd: temporaryFolder(), stdout: '/dev/full' })
  expect(stderr).toContain('OUTPUT_FAILED: Standard output cannot be written (ENOSPC).')
  expect(exitCode).toBe(75)
})
