import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { aNode } from '#tests/support/chain-fixtures'
import { askUntilAnswered, chainedSubnet, partOf, startChainedMiner } from '#tests/support/chained-miner'
import { type DevMiner, type LoggedEvent, startDevMarket, startDevMiner } from '#tests/support/dev-miner'
import { healthOf, until } from '#tests/support/miner-watch'
import { PromptLoad } from '#tests/support/prompt-load'
import { temporaryFolder } from '#tests/support/temporary-folder'

const preload = fileURLToPath(new URL('../support/preloads/plant-in-module.mjs', import.meta.url))

const neverIdle = fileURLToPath(new URL('../support/preloads/never-idle.mjs', import.meta.url))

const planted = (place: string, folder: string) => ({
  NODE_OPTIONS: `--import ${preload}`,
  PLANTED_IN: place,
  PLANTED_ONCE: join(folder, 'planted'),
})

async function aMinerWithABug(place: string) {
  const market = await startDevMarket(10)
  const folder = temporaryFolder()
  const extraEnv = planted(place, folder)
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

  it('in a thread that makes paths is one line, the thread is replaced and every prompt is answered', async () => {
    const { miner, answers } = await aMinerWithABug(
      'core/forecast/ladder/ensemble-workshop.js#EnsembleWorkshop#make#thread',
    )
    // Two threads or more, and the tenth ensemble of one of them ends it.
    for (let i = 0; said(miner, 'worker.died') === 0 && i < 10; i += 1) expect(await answers(10)).toBe(10)
    expect(await answers(10)).toBe(10)
    expect([said(miner, 'worker.died'), said(miner, 'miner.failed')]).toEqual([1, 0])
    miner.child.kill('SIGTERM')
    expect(await miner.ended).toBe(0)
  })

  it('that leaves something behind does not keep a miner that was stopped', async () => {
    const extraEnv = { NODE_OPTIONS: `--import ${neverIdle}` }
    const miner = await startDevMiner(await startDevMarket(10), join(temporaryFolder(), 'miner.sqlite'), { extraEnv })
    miner.child.kill('SIGTERM')
    expect(await miner.ended).toBe(0)
  })

  it('in the log costs that line, and one says so', async () => {
    const { miner, answers } = await aMinerWithABug('adapters/log/log-writer.js#LogWriter#write')
    expect(await answers(1)).toBe(1)
    miner.child.kill('SIGUSR2')
    await until(async () => {
      await answers(1)
      return said(miner, 'log.failed') === 1
    })
    expect((await healthOf(miner)).parts['log']).toMatchObject({
      state: 'degraded',
      sentence: expect.stringContaining('1 line dropped') as string,
    })
    miner.child.kill('SIGTERM')
    expect(await miner.ended).toBe(0)
    expect(said(miner, 'log.failed')).toBe(1)
  })

  it.each([
    { what: 'that reads', place: 'adapters/chain/chain-client.js#ChainClient#refresh', event: 'job.failed' },
    { what: 'that decodes', place: 'adapters/chain/chain-view.js#ChainView#metagraph', event: 'chain.refresh_failed' },
    {
      what: 'that connects',
      place: 'adapters/chain/chain-connection.js#ChainConnection#watch',
      event: 'chain.connect_failed',
    },
  ])('in the part of the chain client $what is one line, and it tries again', async ({ place, event }) => {
    const node = await aNode({ neurons: chainedSubnet })
    const cwd = temporaryFolder()
    const often = { VOLCAST_CHAIN_REFRESH_CRON: '* * * * * *', VOLCAST_CHAIN_REFRESH_JITTER_MS: '0' }
    const chained = await startChainedMiner(node, { cwd, env: { ...planted(place, cwd), ...often } })
    await askUntilAnswered(chained)
    const worse = () => {
      const entries = chained.miner.lines.map((line) => JSON.parse(line) as LoggedEvent)
      return entries
        .filter((entry) => JSON.stringify(entry).includes('planted by the test'))
        .map((entry) => entry.event)
    }
    chained.miner.child.kill('SIGUSR2')
    await systemClock.sleep(500)
    if (event === 'chain.connect_failed') node.server.closeConnections()
    await until(async () => worse().length > 0)
    await until(async () => ((await partOf(chained, 'chain')) as { state: string }).state === 'ok')
    await askUntilAnswered(chained)
    expect(worse()).toEqual([event])
    chained.miner.child.kill('SIGTERM')
    expect(await chained.miner.exit).toBe(0)
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
