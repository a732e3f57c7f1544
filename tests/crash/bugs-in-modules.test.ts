import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type DevMiner, startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { healthOf, until } from '#tests/support/miner-watch'
import { PromptLoad } from '#tests/support/prompt-load'
import { temporaryFolder } from '#tests/support/temporary-folder'

const preload = fileURLToPath(new URL('../support/preloads/plant-in-module.mjs', import.meta.url))

async function aMinerWithABug(place: string) {
  const market = await startDevMarket(10)
  const folder = temporaryFolder()
  const extraEnv = {
    NODE_OPTIONS: `--import ${preload}`,
    PLANTED_IN: place,
    PLANTED_ONCE: join(folder, 'planted'),
  }
  const miner = await startDevMiner(market, join(folder, 'miner.sqlite'), { extraEnv })
  const load = new PromptLoad(market)
  /** Until so many answers have come. */
  const answers = async (wanted: number) => {
    let count = 0
    const { answered } = await load.run(
      miner.port,
      1,
      (so) => {
        count = so
      },
      () => count >= wanted,
    )
    return answered.length
  }
  return { miner, answers }
}

const said = ({ complaints }: DevMiner, event: string) => complaints.filter((entry) => entry.event === event).length

describe('one unexpected error', () => {
  it.each([
    { thread: 'store-worker', event: 'store.thread_died', part: 'database' },
    { thread: 'nonce-worker', event: 'store.thread_died', part: 'nonces' },
    { thread: 'journal-worker', event: 'journal.writer_died', part: 'journal' },
  ])(
    'in the thread $thread is one line, the thread is replaced and prompts are answered',
    async ({ thread, event, part }) => {
      const { miner, answers } = await aMinerWithABug(thread)
      await until(async () => said(miner, event) === 1)
      expect(await answers(3)).toBe(3)
      await until(async () => (await healthOf(miner)).parts[part]?.state === 'ok')
      expect([said(miner, event), said(miner, 'miner.failed')]).toEqual([1, 0])
      miner.child.kill('SIGTERM')
      expect(await miner.ended).toBe(0)
    },
  )

  it.each([
    { name: 'the recorder', place: 'daemon/jobs/minute-recorder.js#MinuteRecorder#tick' },
    { name: 'the parameters', place: 'daemon/governance/live-parameters.js#LiveParameters#refresh' },
    { name: 'the volatility states', place: 'daemon/state/forecast-states.js#ForecastStates#roundDone' },
    { name: 'the clock', place: 'core/base/time/clock-judge.js#ClockJudge#tick' },
  ])('in $name is one line, and the miner ends with 70', async ({ place }) => {
    const { miner } = await aMinerWithABug(place)
    miner.child.kill('SIGUSR2')
    expect(await miner.ended).toBe(70)
    const worse = miner.complaints.filter(({ level }) => level === 'fatal' || level === 'error')
    expect(worse).toMatchObject([{ event: 'miner.failed', err: { message: 'planted by the test' } }])
  })

  it('in taking a nonce costs one answer, is one line, and the next prompt is answered', async () => {
    const { miner, answers } = await aMinerWithABug('core/bittensor/admission/nonce-book.js#NonceBook#take')
    expect(await answers(1)).toBe(1)
    miner.child.kill('SIGUSR2')
    await until(async () => {
      await answers(1).catch(() => {})
      return said(miner, 'request.failed') === 1
    })
    expect(await answers(3)).toBe(3)
    expect(said(miner, 'request.failed')).toBe(1)
  })

  it('in the health page costs one look at it', async () => {
    const { miner, answers } = await aMinerWithABug('core/base/health/health-board.js#HealthBoard#report')
    miner.child.kill('SIGUSR2')
    const seen = new Set<number>()
    await until(async () => {
      seen.add((await fetch(new URL('/healthz', miner.healthUrl))).status)
      return seen.has(500)
    })
    expect(await answers(3)).toBe(3)
    expect((await fetch(new URL('/healthz', miner.healthUrl))).status).not.toBe(500)
  })
})
