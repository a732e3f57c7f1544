import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { onnxFixtures } from '#tests/support/onnx-models'

it('leaves no inference process behind when the miner is killed in the middle of an endless run', async () => {
  const script = fileURLToPath(new URL('../support/inference-child.ts', import.meta.url))
  const endless = join(onnxFixtures, 'endless.onnx')
  const miner = spawn(process.execPath, ['--import', 'tsx', script, endless], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(miner.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  expect(isAlive(pid)).toBe(true)
  miner.kill('SIGKILL')
  await once(miner, 'exit')
  // It looks for its parent ten times a second; the test's own time limit ends a wait in vain.
  while (isAlive(pid)) await systemClock.sleep(50)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
