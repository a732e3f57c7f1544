import { expect, it } from 'vitest'
import { SqliteFileScoreStore } from '#adapters/sqlite/file-score-store'
import type { JobSpec } from '#core/base/engine/job-handlers'
import type { JsonValue } from '#core/base/json/strict-json'
import type { RealisedPathAnswer } from '#core/market/venues/realised-paths'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { ReplayRulesLookup } from '../replay/replay-rules.ts'
import type { FileEntry } from './prediction-file.ts'
import { ScoreFilesInput, scoreFolder } from './score-folder.ts'
import { summariseFiles } from './summarise-files.ts'

const startAtMs = Date.UTC(2026, 8, 25, 0, 1)

function anEntry(i: number, over: Partial<FileEntry> = {}): FileEntry {
  const prompt = { asset: 'BTC', startAtMs: startAtMs + i * 60_000, timeLengthSeconds: 3600 }
  return { file: `${i}.json`, row: 0, byteCount: 10, modifiedAtMs: 1, prompt, ...over }
}

function setUp() {
  const store = new SqliteFileScoreStore(openTestDatabase(), new TestClock())
  const rules = new ReplayRulesLookup(buildRegimeBook(builtInRegimes))
  const asked: string[] = []
  const noPrices = new Set<number>()
  const run = (entries: readonly FileEntry[], options: { again?: boolean; signal?: AbortSignal } = {}) =>
    scoreFolder(
      {
        list: () => entries,
        promptOf: async () => undefined,
        store,
        rulesOf: (prompt) => rules.of(prompt),
        realised: {
          read: async (prompt): Promise<RealisedPathAnswer> => {
            if (noPrices.has(prompt.startAtMs)) return { ok: false, reason: 'notDue', message: 'not yet' }
            const prices = Float64Array.from({ length: 61 }, (_, i) => (i === 7 ? Number.NaN : 100))
            return {
              ok: true,
              ...prompt,
              series: { venue: 'binanceSpot', symbol: 'BTCUSDT' },
              prices,
              origin: 'venue',
              holes: 1,
            }
          },
        },
        runner: {
          capacity: 2,
          run: async ({ input }: JobSpec) => {
            const { files } = ScoreFilesInput.parse(input)
            asked.push(...files.map(({ file }) => file))
            const result = files.map(() => ({ total: 5, problem: null, detail: '', pathCount: 1000 }))
            return { ok: true, result: result as unknown as JsonValue }
          },
        },
      },
      '/folder',
      { regime: undefined, storage: undefined, again: false, ...options },
    )
  return { run, asked, noPrices, store }
}

it('scores each file once, and again only if it changed', async () => {
  const { run, asked } = setUp()
  const entries = Array.from({ length: 20 }, (_, i) => anEntry(i))
  expect(await run(entries)).toMatchObject({ fresh: 20, waiting: [], strange: [], left: 0 })
  expect(asked.length).toBe(20)
  const second = await run(entries.with(3, anEntry(3, { modifiedAtMs: 2 })).with(4, anEntry(4, { byteCount: 11 })))
  expect(second.fresh).toBe(2)
  expect(second.scores.length).toBe(20)
  expect(asked.slice(20).sort()).toEqual(['3.json', '4.json'])
  expect((await run(entries.slice(0, 5), { again: true })).scores.length).toBe(5)
  expect(summariseFiles(second.scores)).toEqual([
    {
      asset: 'BTC',
      timeLengthSeconds: 3600,
      predictions: 20,
      scored: 20,
      unreadable: 0,
      misses: 0,
      mean: 5,
      realisedCoverage: 60 / 61,
      pathCounts: [1000],
    },
  ])
})

it('goes on where it was stopped, and asks for prices again that were not there', async () => {
  const { run, noPrices } = setUp()
  const entries = Array.from({ length: 10 }, (_, i) => anEntry(i))
  noPrices.add(startAtMs)
  const stop = new AbortController()
  stop.abort()
  expect(await run(entries, { signal: stop.signal })).toMatchObject({ fresh: 0, left: 10 })
  expect(await run(entries)).toMatchObject({ fresh: 9, waiting: [{ file: '0.json', reason: 'notDue' }] })
  noPrices.clear()
  expect(await run(entries)).toMatchObject({ fresh: 1, waiting: [] })
})

it('names what is no prediction, and prompts that the rules do not know', async () => {
  const { run } = setUp()
  const unknown = { asset: 'DOGE', startAtMs, timeLengthSeconds: 3600 }
  const { strange } = await run([anEntry(0, { prompt: undefined }), anEntry(1, { prompt: unknown })])
  expect(strange.map(({ file }) => file)).toEqual(['0.json', '1.json'])
  expect(strange[1]!.reason).toContain('DOGE')
})
