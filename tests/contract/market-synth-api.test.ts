import { describe, expect, it } from 'vitest'
import { createSynthApi } from '#adapters/market/synth-api'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { createScoredSources } from '#core/market/venues/price-sources'
import { type RealisedPathStore, RealisedPaths } from '#core/market/venues/realised-paths'
import type { PublishedScore, SynthApi } from '#core/market/venues/synth-api'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { emptyScoreBook, type ScoreBook } from '#standins/market/routes/synth-api'
import { type MarketLab, startMarketLab } from '#tests/support/market-lab'
import { startScriptedServer } from '#tests/support/scripted-server'
import { TestClock } from '#tests/support/test-clock'
import { TestLogger } from '#tests/support/test-logger'
import { whileTimePasses } from '#tests/support/while-time-passes'

const kind = { asset: 'BTC', timeLengthSeconds: 86_400, stepSeconds: 300 }

describe('the Synth API', () => {
  it('gives scores of many days, asked day by day, each once and only those of the range', async () => {
    const startAtMs = Date.UTC(2026, 8, 10)
    const scores: PublishedScore[] = Array.from({ length: 24 * 6 }, (_, hour) => ({
      asset: 'BTC',
      minerUid: hour % 3,
      crps: hour === 7 ? -1 : 2_000 + hour,
      promptScore: hour,
      scoredAtMs: startAtMs + hour * hourMs,
      timeLengthSeconds: 86_400,
    }))
    const book: ScoreBook = { ...emptyScoreBook, scores: () => scores }
    const { clock, venues } = await startMarketLab({ scores: book })
    const range = { fromMs: startAtMs + 5 * hourMs, toMs: startAtMs + 5 * dayMs }
    const answer = await whileTimePasses(clock, venues.synthApi.fetchScores({ ...kind, ...range }))
    const expected = scores.filter((row) => row.scoredAtMs >= range.fromMs && row.scoredAtMs <= range.toMs)
    expect(answer).toEqual({ ok: true, rows: expected, refusedRows: 0 })
    const own = await whileTimePasses(clock, venues.synthApi.fetchScores({ ...kind, ...range, minerUid: 2 }))
    expect(own).toMatchObject({ rows: expected.filter((row) => row.minerUid === 2) })
    const none = await whileTimePasses(clock, venues.synthApi.fetchScores({ ...kind, ...range, asset: 'XAU' }))
    expect(none).toEqual({ ok: true, rows: [], refusedRows: 0 })
  })

  it('lists prompts over its own limit of 60 days, and none of an unknown asset', async () => {
    const { clock, venues } = await startMarketLab()
    const toMs = Date.UTC(2026, 8, 20)
    const query = { ...kind, fromMs: toMs - 100 * dayMs, toMs }
    const answer = await whileTimePasses(clock, venues.synthApi.fetchPromptStarts(query))
    if (!answer.ok) throw new Error(answer.message)
    expect(answer.rows).toHaveLength(100 * 24)
    expect(new Set(answer.rows).size).toBe(answer.rows.length)
    expect(await whileTimePasses(clock, venues.synthApi.fetchPromptStarts({ ...query, asset: 'DOGE' }))).toMatchObject({
      rows: [],
    })
  })

  function anApi(url: string, clock: TestClock): SynthApi {
    return createSynthApi(
      { clock, rng: new SplitMix64(1n) },
      {
        baseUrl: url,
        monitoringUrl: url,
        requestsPerSecond: 2,
        tries: 4,
        limits: { deadlineMs: 2_000, maxAnswerBytes: 1_048_576 },
      },
    )
  }

  it('is asked at most twice a second, and again when it is overloaded', async () => {
    const clock = new TestClock()
    const askedAtMs: number[] = []
    const answers = [429, 500, 200]
    const server = await startScriptedServer(() => {
      askedAtMs.push(clock.monotonicMs())
      return { status: answers.shift() ?? 200, body: '[]', headers: { 'retry-after': '5' } }
    })
    const api = anApi(server.url, clock)
    expect(await whileTimePasses(clock, api.fetchLatestScores(kind))).toMatchObject({ ok: true })
    expect(askedAtMs).toHaveLength(3)
    expect(askedAtMs[1]! - askedAtMs[0]!).toBeGreaterThanOrEqual(5_000)
    expect(askedAtMs[2]! - askedAtMs[1]!).toBeGreaterThanOrEqual(5_000)
    await whileTimePasses(clock, Promise.all(Array.from({ length: 6 }, () => api.fetchLatestScores(kind))))
    const pauses = askedAtMs.slice(4).map((atMs, i) => atMs - askedAtMs[i + 3]!)
    expect(pauses).toHaveLength(5)
    // The test moves the time in tenths of a second.
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(400)
  })

  it('is not asked again when the request itself is wrong, nor after the caller has given up', async () => {
    const clock = new TestClock()
    const server = await startScriptedServer(({ path }) => ({ status: path.includes('uid=1') ? 400 : 503, body: '{}' }))
    const api = anApi(server.url, clock)
    expect(await whileTimePasses(clock, api.fetchAnswerCheck(1))).toMatchObject({ ok: false, reason: 'rejected' })
    expect(server.requests).toHaveLength(1)
    const stop = new AbortController()
    const asking = api.fetchAnswerCheck(2, stop.signal)
    stop.abort()
    expect(await whileTimePasses(clock, asking)).toMatchObject({ ok: false, reason: 'cancelled' })
  })

  it('tells a wrong address from a prompt that was not scored', async () => {
    const clock = new TestClock()
    const server = await startScriptedServer(() => ({ status: 404, body: '<h1>Not Found</h1>' }))
    const api = anApi(server.url, clock)
    const prompt = { ...kind, startAtMs: 0 }
    expect(await whileTimePasses(clock, api.fetchRealisedPath(prompt))).toMatchObject({ reason: 'rejected' })
    expect(await whileTimePasses(clock, api.fetchLatestScores(kind))).toMatchObject({ ok: false, reason: 'rejected' })
  })
})

describe('realised paths over the wire', () => {
  const nothingKept: RealisedPathStore = { find: () => undefined, save: () => undefined }

  const pathsOf = (lab: MarketLab) =>
    new RealisedPaths({
      sources: createScoredSources(buildRegimeBook(builtInRegimes), { pythHistory: 'pythPro' }),
      histories: lab.venues.history,
      archive: lab.venues.synthApi,
      store: nothingKept,
      clock: lab.clock,
      log: new TestLogger(),
    })

  it.each([
    ['BTC', 86_400, 300],
    ['HYPE', 3_600, 60],
    ['XAU', 86_400, 300],
    ['SPCX', 86_400, 300],
  ])(
    'of %s over %i s equal what the validator published, holes included',
    async (asset, timeLengthSeconds, stepSeconds) => {
      const lab = await startMarketLab()
      const startAtMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs - timeLengthSeconds * 1000 - 180_000
      for (const i of [3, 4, 30]) lab.market.missing.add(`${asset} ${startAtMs + i * stepSeconds * 1000}`)
      const prompt = { asset, timeLengthSeconds, stepSeconds, startAtMs }
      const published = await whileTimePasses(lab.clock, lab.venues.synthApi.fetchRealisedPath(prompt))
      if (!published.ok) throw new Error(published.message)
      const undo = lab.standIn.faults.add({ venue: 'synthApi', kind: 'down' })
      const built = await whileTimePasses(lab.clock, pathsOf(lab).read(prompt))
      if (!built.ok) throw new Error(`${built.reason}: ${built.message}`)
      expect(built).toMatchObject({ origin: 'venue', holes: 3 })
      expect([...built.prices]).toEqual([...published.prices])
      undo()
      const preferred = await whileTimePasses(lab.clock, pathsOf(lab).read(prompt))
      expect(preferred).toMatchObject({ ok: true, origin: 'archive', holes: 3 })
    },
  )

  it('come from the archive when the venue has forgotten them', async () => {
    const lab = await startMarketLab()
    const startAtMs = Math.floor(lab.clock.nowMs() / minuteMs) * minuteMs - 6 * dayMs
    const prompt = { asset: 'NVDAX', timeLengthSeconds: 86_400, stepSeconds: 300, startAtMs }
    const kept = await whileTimePasses(lab.clock, pathsOf(lab).read(prompt))
    expect(kept).toMatchObject({ ok: true, origin: 'archive', holes: 0 })
    lab.standIn.faults.add({ venue: 'synthApi', kind: 'down' })
    const lost = await whileTimePasses(lab.clock, pathsOf(lab).read(prompt))
    expect(lost).toMatchObject({ ok: false, reason: 'forgotten' })
  })
})
