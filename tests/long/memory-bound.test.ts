import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { startBlindMiner } from '#tests/support/blind-miner'
import { startDevMarket } from '#tests/support/dev-miner'
import { runsLong } from '#tests/support/long-tests'
import { PromptLoad } from '#tests/support/prompt-load'

const heapMegabytes = 256
const mostRssMegabytes = 700
const asksForMs = runsLong ? 120_000 : 3_000
const lanes = runsLong ? 16 : 4

it(`D12: with a heap of ${heapMegabytes} MB the whole miner serves ${asksForMs / 1000} s of load within bounded memory`, {
  timeout: 90_000 + 2 * asksForMs,
}, async () => {
  const market = await startDevMarket(1)
  const miner = await startBlindMiner(market, {
    stdio: 'ignore',
    nodeFlags: [`--max-old-space-size=${heapMegabytes}`],
    // Every answer is of a prompt of its own, and is kept.
    settings: ['--journal.sampling', 'all', '--journal.minFreeBytes', '0'],
  })
  const loading = new PromptLoad(market).run(miner.port, lanes)
  await systemClock.sleep(asksForMs)
  const status = process.platform === 'linux' ? readFileSync(`/proc/${miner.child.pid}/status`, 'utf8') : ''
  const signalledAtMs = performance.now()
  miner.child.kill('SIGTERM')
  const { answered, cut, unansweredAtMs } = await loading
  expect(await miner.ended).toBe(0)
  expect({ cut, forgotten: unansweredAtMs.filter((atMs) => atMs < signalledAtMs) }).toEqual({ cut: 0, forgotten: [] })
  expect(answered.length).toBeGreaterThan(0)
  const peakMegabytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
  console.log(`${answered.length} prompts answered, at most ${Math.round(peakMegabytes)} MB resident`)
  expect(peakMegabytes).toBeLessThan(mostRssMegabytes)
})

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
/** As the ecosystem file says. The kernel counts what a process may write into, used or not. */
const limitMegabytes = 1_024

it.skipIf(!hasPrlimit)(
  `D12: with ${limitMegabytes} MB from the kernel the whole miner answers under load, and with less than it needs it ends at once${hasPrlimit ? '' : ' (skipped: no prlimit)'}`,
  { timeout: 90_000 + 2 * asksForMs },
  async () => {
    const market = await startDevMarket(1)
    const within = (megabytes: number) =>
      startBlindMiner(market, {
        stdio: 'ignore',
        settings: ['--journal.sampling', 'all', '--journal.minFreeBytes', '0'],
        wrap: (file, args) => ['prlimit', [`--data=${megabytes * 1_024 * 1_024}`, file, ...args]],
      })
    const miner = await within(limitMegabytes)
    const loading = new PromptLoad(market).run(miner.port, lanes)
    await systemClock.sleep(asksForMs)
    const status = readFileSync(`/proc/${miner.child.pid}/status`, 'utf8')
    miner.child.kill('SIGTERM')
    const { answered, cut } = await loading
    expect(await miner.ended).toBe(0)
    expect([cut, answered.length > 0]).toEqual([0, true])
    const data = Number(/^VmData:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
    console.log(
      `${answered.length} prompts answered within ${limitMegabytes} MB, ${Math.round(data)} MB of them mapped`,
    )
    // The limit is in force: a start that needs more than it gets does not hang.
    await expect(within(64)).rejects.toThrow(/the miner ended with/)
  },
)
