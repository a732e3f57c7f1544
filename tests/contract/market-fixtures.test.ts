import { describe, expect, it } from 'vitest'
import { readTickers } from '#adapters/market/binance-spot'
import type { Venues } from '#adapters/market/venues'
import { startMarketLab, venuesAt } from '#tests/support/market-lab'
import { startScriptedServer } from '#tests/support/scripted-server'
import { hasShared, readSharedJson, skippedWithoutShared } from '#tests/support/shared-files'
import { TestClock } from '#tests/support/test-clock'

type Recorded = Record<string, unknown> & { request: { body?: unknown; path?: string }; response: unknown }

const fixture = (folder: string, file: string) => readSharedJson('fixtures', folder, `${file}.json`)
const recorded = (folder: string, file: string) => fixture(folder, file) as Recorded

async function venuesAnswering(payload: unknown, atMs = Date.UTC(2026, 8, 22), status = 200) {
  const server = await startScriptedServer(() => ({ status, body: JSON.stringify(payload) }))
  return { server, venues: venuesAt(server.url, new TestClock(atMs)) }
}

const feeds = {
  btc: 'e62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
  eth: 'ff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
  near: 'c415de8d2eba7db216527dff4b60e8f3a5311c740dadb233e13e12547e226750',
  aapl: '49f6b65cb1de6b10eaf75e7c03ca029c306d0357e91b5311b175084a5ad55688',
  tsla: '16dad506d7db8da01c87581c87ca897a012a153557d4d578c3b9c9e1bc0632f1',
}

describe.runIf(hasShared)(`recorded payloads${skippedWithoutShared}`, () => {
  describe('of Hermes', () => {
    const ask = async (file: string, symbols: string[]) => {
      const { venues } = await venuesAnswering(fixture('hermes', file))
      return venues.latest.get('pythHermes')!.fetchLatest(symbols)
    }

    it('with the exponents of equities', async () => {
      const answers = await ask('updates_price_latest_AAPL_TSLA_2026-07-30_trimmed', [feeds.aapl, `0x${feeds.tsla}`])
      expect(answers.get(feeds.aapl)).toEqual({
        ok: true,
        venue: 'pythHermes',
        symbol: feeds.aapl,
        priceUsd: 332.2375,
        confidenceUsd: 0.15272,
        publishedAtMs: 1_785_424_136_000,
      })
      expect(answers.get(`0x${feeds.tsla}`)).toMatchObject({ priceUsd: 305.57932 })
    })

    it('with the exponents of crypto, asked by name or by id', async () => {
      const answers = await ask('updates_price_latest_NEAR_ETH_2026-07-27_trimmed', ['Crypto.ETH/USD', feeds.near])
      expect(answers.get('Crypto.ETH/USD')).toMatchObject({ priceUsd: 1956.56091864, publishedAtMs: 1_785_143_368_000 })
      expect(answers.get(feeds.near)).toMatchObject({ priceUsd: 1.83487211 })
    })

    it('with the whole signed part', async () => {
      const answers = await ask('latest_BTC_and_other_2024-05-03_docs_example', ['Crypto.BTC/USD'])
      expect(answers.get('Crypto.BTC/USD')).toMatchObject({
        ok: true,
        priceUsd: 61409.93501,
        confidenceUsd: 32.87868567,
      })
      expect(
        (await ask('recorded_updates_price_latest_data_v2', ['Crypto.BTC/USD'])).get('Crypto.BTC/USD'),
      ).toMatchObject({ ok: true, priceUsd: 51900.75917635 })
    })

    it('of the old shape are refused as malformed', async () => {
      const answers = await ask('recorded_latest_price_feeds_data_v1', ['Crypto.BTC/USD'])
      expect(answers.get('Crypto.BTC/USD')).toMatchObject({ ok: false, reason: 'malformed' })
    })

    it('for another feed are refused by their id', async () => {
      const answers = await ask('updates_price_latest_NEAR_ETH_2026-07-27_trimmed', ['Crypto.BTC/USD'])
      expect(answers.get('Crypto.BTC/USD')).toMatchObject({ ok: false, reason: 'wrongFeed' })
    })

    it.each([
      ['stream_event_BTC_2024-12-31', [94063.77899526]],
      ['stream_events_BTC_docs_example', [61632.6, 61630.88]],
    ])('as stream: %s', async (file, expected) => {
      const value = fixture('hermes', file)
      const events = Array.isArray(value) ? (value as unknown[]) : [value]
      const body = events.map((event) => `data:${JSON.stringify(event)}\n\n`).join('')
      const server = await startScriptedServer(() => ({ body, headers: { 'content-type': 'text/event-stream' } }))
      const prices: number[] = []
      const stream = venuesAt(server.url, new TestClock()).streams[0]!
      await stream.run(['Crypto.BTC/USD'], ({ priceUsd }) => prices.push(priceUsd), new AbortController().signal)
      expect(prices).toEqual(expected)
    })
  })

  describe('of Binance', () => {
    it.each(['BTCUSDT', 'SOLUSDT'])('klines of %s', async (symbol) => {
      const rows = fixture('binance', `klines_${symbol}_1m_2026-04-30`) as [number, ...string[]][]
      const { venues } = await venuesAnswering(rows)
      const answer = await venues.history
        .get('binanceSpot')!
        .fetchMinutes({ symbol, fromMs: rows[0]![0], toMs: rows[9]![0] })
      if (!answer.ok) throw new Error(answer.message)
      expect(answer.minutes).toEqual(rows.map((row) => ({ openAtMs: row[0], close: Number(row[4]) })))
    })

    it('the documented row of twelve fields, asked for as documented', async () => {
      const { request, response } = recorded('binance', 'klines_spot_docs_example')
      const { server, venues } = await venuesAnswering(response)
      const fromMs = 1_739_974_320_000
      const answer = await venues.history
        .get('binanceSpot')!
        .fetchMinutes({ symbol: 'BTCUSDT', fromMs, toMs: 1_739_974_740_000 })
      expect(answer.ok && answer.minutes).toEqual([{ openAtMs: 1_499_040_000_000, close: 0.015771 }])
      const asked = new URL(server.requests[0]!.path, server.url).searchParams
      const { query } = request as { query?: Record<string, unknown> }
      for (const [name, value] of Object.entries(query!)) expect(asked.get(name)).toBe(String(value))
    })

    it('the plain price, dated by the answer itself', () => {
      const { response } = recorded('binance', 'ticker_price_shape')
      expect(readTickers(['BTCUSDT'], response, 1_000).get('BTCUSDT')).toEqual({
        ok: true,
        venue: 'binanceSpot',
        symbol: 'BTCUSDT',
        priceUsd: 64012.37,
        publishedAtMs: 1_000,
      })
      expect(readTickers(['ETHUSDT'], response, 1_000).get('ETHUSDT')).toMatchObject({ reason: 'wrongFeed' })
    })
  })

  describe('of Hyperliquid', () => {
    const kpepe = () => recorded('hyperliquid', 'candleSnapshot_kPEPE_1h_2023-05')
    const minutesOf = (venues: Venues, symbol: string, fromMs: number, toMs: number) =>
      venues.history.get('hyperliquidPerp')!.fetchMinutes({ symbol, fromMs, toMs })

    it('candles of another interval are refused', async () => {
      const { venues } = await venuesAnswering(kpepe().response)
      expect(await minutesOf(venues, 'kPEPE', 1_684_699_200_000, 1_684_784_807_000)).toMatchObject({
        reason: 'wrongFeed',
      })
    })

    it('candles are read by t and c, in the order given', async () => {
      const candles = (kpepe().response as { t: number; c: string }[]).map((candle) => ({ ...candle, i: '1m' }))
      const { venues } = await venuesAnswering(candles)
      const answer = await minutesOf(venues, 'kPEPE', candles[0]!.t, candles.at(-1)!.t)
      expect(answer.ok && answer.minutes).toEqual(candles.map(({ t, c }) => ({ openAtMs: t, close: Number(c) })))
    })

    it('candles of builder markets carry their market', async () => {
      const { response_excerpt: excerpt } = recorded('hyperliquid', 'candleSnapshot_xyz_GOLD_1h_2026-06-01_excerpt')
      const candles = (excerpt as object[]).map((candle) => ({ ...candle, i: '1m' }))
      const { venues } = await venuesAnswering(candles)
      const asked = [1_780_322_400_000, 1_780_326_000_000] as const
      expect(await minutesOf(venues, 'xyz:GOLD', ...asked)).toMatchObject({ minutes: [{ close: 4458.5 }] })
      expect(await minutesOf(venues, 'GOLD', ...asked)).toMatchObject({ reason: 'wrongFeed' })
    })

    it('the request has the wrapper that the validator sends', async () => {
      const { validator } = fixture('hyperliquid', 'candleSnapshot_request_bodies_2026-07') as {
        validator: { req: { startTime: number; endTime: number } }
      }
      const { server, venues } = await venuesAnswering([])
      const { startTime, endTime } = validator.req
      await venues.history.get('hyperliquidSpot')!.fetchMinutes({ symbol: '@107', fromMs: startTime, toMs: endTime })
      expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /hyperliquid/info'])
      expect(JSON.parse(server.requests[0]!.body)).toEqual(validator)
    })

    it('a coin that does not exist is answered with null', async () => {
      const { venues } = await venuesAnswering(null)
      expect(await minutesOf(venues, 'TSLA', 0, 60_000)).toMatchObject({ ok: false, reason: 'unknownSymbol' })
    })

    it('mids', async () => {
      const { request, response } = recorded('hyperliquid', 'allMids_2023')
      const server = await startScriptedServer(({ body }) => ({
        body: body === JSON.stringify(request.body) ? JSON.stringify(response) : '[]',
      }))
      const venues = venuesAt(server.url, new TestClock())
      const answers = await venues.latest.get('hyperliquidPerp')!.fetchLatest(['BTC', 'kPEPE', 'xyz:GOLD'])
      expect(answers.get('BTC')).toMatchObject({ ok: true, priceUsd: 30135 })
      expect(answers.get('kPEPE')).toMatchObject({ ok: true, priceUsd: 0.001565 })
      expect(answers.get('xyz:GOLD')).toMatchObject({ ok: false })
    })
  })

  it('of the history of Pyth: one bar', async () => {
    const { venues } = await venuesAnswering(fixture('benchmarks', 'history_XAU_1m_single_bar_2025-07-23'))
    const range = { symbol: 'Metal.XAU/USD', fromMs: 1_753_274_220_000, toMs: 1_753_274_220_000 }
    for (const venue of ['pythBenchmarks', 'pythPro'] as const) {
      const answer = await venues.history.get(venue)!.fetchMinutes(range)
      expect(answer.ok && answer.minutes).toEqual([{ openAtMs: 1_753_274_220_000, close: 3424.38 }])
    }
  })

  describe('of the Synth API', () => {
    const xau = { asset: 'XAU', timeLengthSeconds: 86_400, stepSeconds: 300 }

    it('a realised path, with its gaps, and none', async () => {
      const file = recorded('synth_api', 'validation_realized_path')
      const prompt = {
        asset: 'HYPE',
        timeLengthSeconds: 180,
        stepSeconds: 60,
        startAtMs: Date.UTC(2026, 6, 22, 17, 5),
      }
      const whole = await (await venuesAnswering(file.response)).venues.synthApi.fetchRealisedPath(prompt)
      expect(whole.ok && [...whole.prices]).toEqual([58.1, 58.2, 58.3, 58.4])
      const gappy = { ...prompt, timeLengthSeconds: 120 }
      const withGap = await (await venuesAnswering(file['response_with_gap'])).venues.synthApi.fetchRealisedPath(gappy)
      expect(withGap.ok && [...withGap.prices]).toEqual([10, Number.NaN, 12])
      const { status, body } = file['response_unknown_prompt'] as { status: number; body: unknown }
      const unknown = await (await venuesAnswering(body, 0, status)).venues.synthApi.fetchRealisedPath(prompt)
      expect(unknown).toMatchObject({ ok: false, reason: 'noData' })
      const other = await (await venuesAnswering(file.response)).venues.synthApi.fetchRealisedPath({
        ...prompt,
        asset: 'BTC',
      })
      expect(other).toMatchObject({ ok: false, reason: 'wrongFeed' })
      const short = await (await venuesAnswering(file.response)).venues.synthApi.fetchRealisedPath(gappy)
      expect(short).toMatchObject({ ok: false, reason: 'malformed' })
    })

    it('prompts, and none', async () => {
      const file = recorded('synth_api', 'validation_prompts')
      const query = { ...xau, fromMs: Date.UTC(2026, 5, 1), toMs: Date.UTC(2026, 5, 1, 2) }
      const some = await (await venuesAnswering(file.response)).venues.synthApi.fetchPromptStarts(query)
      expect(some).toMatchObject({ rows: [Date.UTC(2026, 5, 1, 0, 1), Date.UTC(2026, 5, 1, 1, 3)], refusedRows: 0 })
      const none = await (await venuesAnswering(file['response_no_data'])).venues.synthApi.fetchPromptStarts(query)
      expect(none).toMatchObject({ ok: true, rows: [] })
    })

    it('scores with a miss, rewards, leaderboard, pool and the check of an answer', async () => {
      const api = async (file: string) => (await venuesAnswering(recorded('synth_api', file).response)).venues.synthApi
      const day = { fromMs: Date.UTC(2026, 8, 20), toMs: Date.UTC(2026, 8, 21) }
      const scores = await (await api('validation_scores_historical_shape')).fetchScores({
        ...xau,
        ...day,
        asset: 'BTC',
      })
      expect(scores.ok && scores.rows.map(({ minerUid, crps, promptScore }) => [minerUid, crps, promptScore])).toEqual([
        [123, 2334.5, 41.2],
        [124, -1, 310.7],
      ])
      const rewards = await (await api('rewards_scores_shape')).fetchRewards({ ...day, competitionSlug: 'crypto-24h' })
      expect(rewards).toMatchObject({ rows: [{ minerUid: 123, rewardWeight: 0.0041, competitionLabel: 'Crypto 24h' }] })
      expect(await (await api('leaderboard_latest')).fetchLeaderboard('leaderboard')).toMatchObject({
        rows: [{ minerUid: 126, rewards: 0.0051936796, updatedAtMs: Date.UTC(2026, 6, 21, 7, 10) }],
      })
      const pools = await (await api('miner_pool_shape')).fetchDailyPools({
        fromMs: Date.UTC(2026, 8, 1),
        toMs: Date.UTC(2026, 8, 2),
      })
      expect(pools).toMatchObject({ rows: [{ day: '2026-09-01', usd: 1234.5 }] })
      expect(await (await api('validation_miner_invalid')).fetchAnswerCheck(42)).toEqual({
        ok: true,
        isValid: false,
        reason: 'Number of time points is incorrect: expected 289, got 288',
        responseSeconds: 4.07,
      })
    })
  })
})

describe.runIf(hasShared)(`the stand-in speaks in the recorded shapes${skippedWithoutShared}`, () => {
  const keysOf = (value: unknown) => Object.keys(value as object).sort()
  const first = (value: unknown) => (value as unknown[])[0]

  async function ask(path: string, body?: unknown): Promise<unknown> {
    const { standIn } = await startMarketLab()
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return (await fetch(standIn.url + path, body === undefined ? {} : init)).json()
  }

  it('of Hermes', async () => {
    const said = (await ask(`/hermes/v2/updates/price/latest?ids[]=0x${feeds.btc}`)) as Record<string, unknown>
    const truth = fixture('hermes', 'updates_price_latest_NEAR_ETH_2026-07-27_trimmed') as Record<string, unknown>
    expect(keysOf(said)).toEqual(keysOf(truth))
    const [entry, recordedEntry] = [first(said['parsed']), first(truth['parsed'])] as Record<string, object>[]
    expect(keysOf(entry)).toEqual(keysOf(recordedEntry))
    for (const part of ['price', 'ema_price', 'metadata']) {
      expect(keysOf(entry![part])).toEqual(keysOf(recordedEntry![part]))
    }
    for (const [key, value] of Object.entries(recordedEntry!['price']!)) {
      expect(typeof (entry!['price'] as Record<string, unknown>)[key]).toBe(typeof value)
    }
  })

  it('of Binance', async () => {
    const rows = await ask('/binance/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1')
    const truth = fixture('binance', 'klines_BTCUSDT_1m_2026-04-30')
    const types = (row: unknown) => (row as unknown[]).map((field) => typeof field)
    expect(types(first(rows))).toEqual(types(first(truth)))
    const price = await ask('/binance/api/v3/ticker/price?symbol=BTCUSDT')
    expect(keysOf(price)).toEqual(keysOf(recorded('binance', 'ticker_price_shape').response))
  })

  it('of Hyperliquid', async () => {
    const atMs = new TestClock().nowMs()
    const req = { coin: 'xyz:GOLD', interval: '1m', startTime: atMs - 300_000, endTime: atMs }
    const candle = first(await ask('/hyperliquid/info', { type: 'candleSnapshot', req })) as Record<string, unknown>
    const excerpt = recorded('hyperliquid', 'candleSnapshot_xyz_GOLD_1h_2026-06-01_excerpt')['response_excerpt']
    expect(keysOf(candle)).toEqual(keysOf(first(excerpt)))
    for (const [key, value] of Object.entries(first(excerpt) as object)) expect(typeof candle[key]).toBe(typeof value)
    const mids = (await ask('/hyperliquid/info', { type: 'allMids' })) as object
    for (const mid of Object.values(mids)) expect(typeof mid).toBe('string')
    expect(Object.keys(mids)).toEqual(expect.arrayContaining(['BTC', '@107']))
    expect(await ask('/hyperliquid/info', { type: 'candleSnapshot', req: { ...req, coin: 'TSLA' } })).toBeNull()
  })

  it('of the history of Pyth and of the Synth API', async () => {
    const to = Math.floor(new TestClock().nowMs() / 1000)
    const bars = await ask(
      `/pyth-pro/v1/fixed_rate@200ms/history?symbol=Crypto.BTC/USD&resolution=1&from=${to - 600}&to=${to}`,
    )
    expect(keysOf(bars)).toEqual(
      expect.arrayContaining(keysOf(fixture('benchmarks', 'history_XAU_1m_single_bar_2025-07-23'))),
    )
    const path = await ask(
      '/synth/validation/realized-path?asset=HYPE&start_time=2026-09-22T10:05:00Z&time_length=180&time_increment=60',
    )
    expect(keysOf(path)).toEqual(keysOf(recorded('synth_api', 'validation_realized_path').response))
    const prompts = await ask(
      '/synth/validation/prompts?asset=XAU&from=2026-09-20T00:00:00Z&to=2026-09-20T02:00:00Z&time_length=86400&time_increment=300',
    )
    expect(prompts).toEqual({ start_times: ['2026-09-20T00:01:00Z', '2026-09-20T01:01:00Z'] })
  })
})
