import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Venues } from '#adapters/market/venues'
import { venuesAt } from '#tests/support/market-lab'
import { startScriptedServer } from '#tests/support/scripted-server'
import { TestClock } from '#tests/support/test-clock'

const day = { fromMs: Date.UTC(2026, 8, 20), toMs: Date.UTC(2026, 8, 20, 12) }
const kind = { asset: 'BTC', timeLengthSeconds: 3_600, stepSeconds: 60 }
const never = new AbortController().signal

/** Everything that an adapter can be asked. */
const questions: Readonly<Record<string, (venues: Venues) => Promise<unknown>>> = {
  'Binance, current': ({ latest }) => latest.get('binanceSpot')!.fetchLatest(['BTCUSDT', 'ETHUSDT']),
  'Hyperliquid spot, current': ({ latest }) => latest.get('hyperliquidSpot')!.fetchLatest(['@107']),
  'Hyperliquid perps, current': ({ latest }) => latest.get('hyperliquidPerp')!.fetchLatest(['xyz:GOLD', 'BTC']),
  'Hermes, current': ({ latest }) => latest.get('pythHermes')!.fetchLatest(['Crypto.BTC/USD']),
  'Hermes, stream': ({ streams }) => streams[0]!.run(['Crypto.BTC/USD'], () => undefined, never),
  'CoinGecko, current': ({ latest }) => latest.get('coingecko')!.fetchLatest(['bitcoin']),
  'Binance, minutes': ({ history }) => history.get('binanceSpot')!.fetchMinutes({ symbol: 'BTCUSDT', ...day }),
  'Hyperliquid spot, minutes': ({ history }) =>
    history.get('hyperliquidSpot')!.fetchMinutes({ symbol: '@107', ...day }),
  'Hyperliquid perps, minutes': ({ history }) =>
    history.get('hyperliquidPerp')!.fetchMinutes({ symbol: 'xyz:CL', ...day }),
  'Pyth Benchmarks, minutes': ({ history }) => history.get('pythBenchmarks')!.fetchMinutes({ symbol: 'x', ...day }),
  'Pyth Pro, minutes': ({ history }) => history.get('pythPro')!.fetchMinutes({ symbol: 'x', ...day }),
  'Synth API, realised path': ({ synthApi }) => synthApi.fetchRealisedPath({ ...kind, startAtMs: day.fromMs }),
  'Synth API, prompts': ({ synthApi }) => synthApi.fetchPromptStarts({ ...kind, ...day }),
  'Synth API, latest scores': ({ synthApi }) => synthApi.fetchLatestScores(kind),
  'Synth API, scores': ({ synthApi }) => synthApi.fetchScores({ ...kind, ...day }),
  'Synth API, rewards': ({ synthApi }) => synthApi.fetchRewards({ competitionSlug: 'crypto-1h', ...day }),
  'Synth API, registrations': ({ synthApi }) => synthApi.fetchRegistrations(day),
  'Synth API, leaderboard': ({ synthApi }) => synthApi.fetchLeaderboard('meta-leaderboard'),
  'Synth API, pools': ({ synthApi }) => synthApi.fetchDailyPools(day),
  'Synth API, check of an answer': ({ synthApi }) => synthApi.fetchAnswerCheck(7),
}

describe('no request without a deadline', () => {
  it.each(Object.entries(questions))('%s ends with a timeout when nobody answers', async (_, ask) => {
    const silent = await startScriptedServer(() => undefined)
    const answer = await ask(venuesAt(silent.url, new TestClock(day.toMs), { historyDeadlineMs: 200 }))
    const failures = answer instanceof Map ? [...answer.values()] : [answer]
    for (const failure of failures) expect(failure).toMatchObject({ ok: false, reason: 'timeout' })
    expect(silent.requests.length).toBeGreaterThan(0)
  })

  it('since only the one bounded helper touches the network, and the stream of Hermes', () => {
    const folder = join(import.meta.dirname, '../../adapters/market')
    const network = /\bfetch\(|node:(http|https|net|tls)'|from 'undici'|EventSource|WebSocket/
    const touching = readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => network.test(readFileSync(join(folder, file), 'utf8')))
    expect(touching).toEqual(['http-json.ts'])
  })
})
