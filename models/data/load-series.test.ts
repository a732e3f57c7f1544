import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { MinutePriceSeries } from '#core/forecast/models/minute-price-series'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import type { DataConfig } from '#models/compile/data-config'
import { dataPorts } from '#tests/support/models/data-ports'
import { hasShared, sharedPath, skippedWithoutShared } from '#tests/support/shared-files'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openTestDatabase } from '#tests/support/test-database'
import type { BarSeries } from './bar-series.ts'
import { loadSeries } from './load-series.ts'

const startSeconds = Date.UTC(2025, 0, 6) / 1000
const header = 'ts,close,open,high,low,volume'

/** `minute close`: the other columns fit. */
function rowsOf(...rows: readonly (readonly [minute: number, close: number | string])[]): string {
  const lines = rows.map(([minute, close]) => `${startSeconds + 60 * minute},${close},5,9,1,7`)
  return `${[header, ...lines].join('\n')}\n`
}

function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const csv = (folder: string, rest: object = {}): DataConfig =>
  ({ use: 'csv', folder, stepSeconds: 60, gaps: 'error', ...rest }) as DataConfig

async function load(config: DataConfig, assets = ['BTC'], ports = dataPorts): Promise<readonly BarSeries[]> {
  const answer = await loadSeries(config, assets, ports)
  if (!answer.ok) throw new Error(answer.problems.map(({ sentence }) => sentence).join('\n'))
  return answer.series
}

async function problemsOf(config: DataConfig, assets = ['BTC'], ports = dataPorts): Promise<string[]> {
  const answer = await loadSeries(config, assets, ports)
  return answer.ok
    ? []
    : answer.problems.map(({ sentence, file, line }) => [file?.split('/').at(-1), line, sentence].join('|'))
}

describe('a folder of CSV', () => {
  it('becomes bars on a grid, with what is missing as NaN', async () => {
    const folder = folderOf({ 'BTC.csv.gz': gzipSync(rowsOf([0, 5], [1, 6.5], [3, 7])) })
    const [series] = await load(csv(folder, { gaps: 'skip' }))
    expect(series).toMatchObject({
      asset: 'BTC',
      stepSeconds: 60,
      firstOpenMs: startSeconds * 1000,
      segmentStarts: [0],
    })
    expect([...series!.close]).toEqual([5, 6.5, Number.NaN, 7])
    expect([...series!.high]).toEqual([9, 9, Number.NaN, 9])
  })

  it('may have closes alone', async () => {
    const folder = folderOf({ 'BTC_5m.csv': `ts,close\r\n${startSeconds},5\r\n${startSeconds + 300},6\r\n` })
    const [series] = await load(csv(folder, { stepSeconds: 300 }))
    expect([...series!.close]).toEqual([5, 6])
    expect([...series!.volume]).toEqual([Number.NaN, Number.NaN])
  })

  it('has the borders of segments.json, and no gap there', async () => {
    const segments = { BTC: [{ start: startSeconds }, { start: startSeconds + 300 }] }
    const folder = folderOf({
      'BTC.csv': rowsOf([0, 5], [1, 6], [5, 7], [6, 8]),
      'segments.json': JSON.stringify(segments),
    })
    const [series] = await load(csv(folder))
    expect(series!.segmentStarts).toEqual([0, 5])
  })

  it('names everything that is wrong, with file and row, of all assets at once', async () => {
    const folder = folderOf({
      'BTC.csv': rowsOf([0, 5], [2, 5], [1, 5], [3, 0], [4, 'NaN'], [5, 5], [5, 5]),
      'ETH.csv': `${header}\n${startSeconds + 30},5,5,9,1,7\n${startSeconds + 60},5,5,1,9,7\n${startSeconds + 120},5,5\n`,
    })
    expect(await problemsOf(csv(folder), ['BTC', 'ETH', 'SOL'])).toEqual([
      'BTC.csv|4|row 4: ts is before that of the row before: rows must be sorted',
      'BTC.csv|5|row 5: close is 0, not a number above zero',
      'BTC.csv|6|row 6: close is NaN, not a number above zero',
      'BTC.csv|8|row 8: ts is that of the row before',
      'ETH.csv|4|row 4: 3 fields instead of 6; it may be cut off',
      'ETH.csv|2|row 2: ts is off the grid of 60 s',
      'ETH.csv|3|row 3: high is below low',
      expect.stringMatching(/^\|\|.* has no file SOL[.]csv[.]gz or SOL[.]csv$/),
    ])
  })

  it('says how many more rows have the same mistake', async () => {
    const rows = Array.from({ length: 50 }, (_, minute) => [minute, -1] as const)
    const problems = await problemsOf(csv(folderOf({ 'BTC.csv': rowsOf(...rows) })))
    expect(problems).toHaveLength(4)
    expect(problems[3]).toBe('BTC.csv||47 more rows with this: close is #, not a number above zero')
  })

  it.each([
    ['a future row', rowsOf([0, 5], [1, 5]), 'BTC.csv|3|row 3: its bar ends in the future'],
    ['one row', rowsOf([0, 5]), 'BTC.csv||it has 1 row, at least 2 are needed'],
    ['no row', '', 'BTC.csv|1|row 1: the header is ""; expected ts,close or ts,close,open,high,low,volume'],
    [
      'milliseconds',
      `ts,close\n${startSeconds}000,5\n`,
      `BTC.csv|2|row 2: ts is ${startSeconds}000, not a whole Unix second between 2009 and 2100`,
    ],
  ])('refuses %s', async (_, text, problem) => {
    const ports = { ...dataPorts, nowMs: (startSeconds + 100) * 1000 }
    expect(await problemsOf(csv(folderOf({ 'BTC.csv': text })), ['BTC'], ports)).toContain(problem)
  })

  it('names its gaps, unless they are to be skipped', async () => {
    const folder = folderOf({ 'BTC.csv': rowsOf([0, 5], [1, 6], [4, 7], [9, 8]) })
    expect(await problemsOf(csv(folder))).toEqual([
      'BTC.csv|4|row 4: it has 2 gaps, the first of 2 bars from 2025-01-06T00:02; gaps: skip leaves out the windows with too many unknown minutes',
    ])
    expect(await problemsOf(csv(folder, { gaps: 'skip' }))).toEqual([])
  })

  it('says what cannot be read', async () => {
    const folder = folderOf({ 'BTC.csv.gz': gzipSync(rowsOf([0, 5], [1, 6])).subarray(0, 30) })
    expect((await problemsOf(csv(folder)))[0]).toMatch(/^BTC[.]csv[.]gz\|\|.*cannot be read/)
    expect((await problemsOf(csv(join(folder, 'none'))))[0]).toMatch(/none cannot be read/)
    writeFileSync(join(folder, 'segments.json'), '{"BTC":5}')
    expect((await problemsOf(csv(folder)))[0]).toMatch(/^segments[.]json\|\|/)
  })
})

it('reads the same from Parquet', async () => {
  const file = (columns: Readonly<Record<string, number[]>>) =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'ts', data: [0, 60, 120].map((at) => BigInt(startSeconds + at)), type: 'INT64' },
          ...Object.entries(columns).map(([name, data]) => ({ name, data, type: 'DOUBLE' as const })),
        ],
      }),
    )
  const whole = { close: [5, 6, 7], open: [4, 5, 6], high: [8, 8, 8], low: [1, 2, 3], volume: [0, 1, 2] }
  const folder = folderOf({
    'BTC.parquet': file(whole),
    'ETH.parquet': file({ close: [5, Number.NaN, 7] }),
    'SOL.parquet': file({ price: [5, 6, 7] }),
    'XRP.parquet': 'PAR1 no',
    // As pandas writes it.
    'XAU.parquet': new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'ts', data: [0, 60].map((at) => new Date((startSeconds + at) * 1000)), type: 'TIMESTAMP' },
          { name: 'close', data: [8, 9], type: 'DOUBLE' },
        ],
      }),
    ),
  })
  const parquet = { use: 'parquet', folder, stepSeconds: 60, gaps: 'error' } as const
  const [series] = await load(parquet)
  expect([...series!.close]).toEqual([5, 6, 7])
  expect([...series!.volume]).toEqual([0, 1, 2])
  const [gold] = await load(parquet, ['XAU'])
  expect(gold).toMatchObject({ firstOpenMs: startSeconds * 1000, close: Float64Array.of(8, 9) })
  expect(await problemsOf(parquet, ['ETH', 'SOL', 'XRP'])).toEqual([
    'ETH.parquet|2|row 2: close is NaN, not a number above zero',
    'SOL.parquet||it has no column close',
    expect.stringMatching(/^XRP[.]parquet\|\|.*cannot be read/),
  ])
})

describe('the minutes of the miner', () => {
  const stored = {
    series: { startAtMs: startSeconds * 1000, stepSeconds: 60, closes: Float64Array.of(5, Number.NaN, 6) },
    unseenSteps: 1,
  } as const
  const ports = { ...dataPorts, minutes: { readHigh: (asset: string) => (asset === 'BTC' ? stored : undefined) } }
  it('are closes', async () => {
    const [series] = await load({ use: 'minutes' }, ['BTC'], ports)
    expect([...series!.close]).toEqual([5, Number.NaN, 6])
    expect(series!.segmentStarts).toEqual([0])
  })
  it('come from the store of the miner', async () => {
    const store = new SqliteMinuteStore(openTestDatabase(), systemClock)
    const batch = new MinuteBatch()
    for (const [minute, close] of [
      [0, 5],
      [1, 6],
      [3, 7],
    ] as const)
      batch.setClose((startSeconds + 60 * minute) * 1000, close)
    batch.addCandle({ openAtMs: (startSeconds + 60) * 1000, open: 5, high: 6, low: 5, volume: 2 }, 6)
    const btc = { asset: 'BTC', venue: 'binanceSpot', symbol: 'BTCUSDT' } as const
    store.write([{ series: btc, batch, origin: 'recorded' }])
    const minutes = new MinutePriceSeries(store, (asset) => (asset === 'BTC' ? btc : undefined))
    const [series] = await load({ use: 'minutes' }, ['BTC'], { ...dataPorts, minutes })
    expect(series).toMatchObject({ stepSeconds: 60, firstOpenMs: startSeconds * 1000 })
    expect([...series!.close]).toEqual([5, 6, Number.NaN, 7])
    expect([...series!.high]).toEqual([Number.NaN, 6, Number.NaN, Number.NaN])
    expect([...series!.volume]).toEqual([Number.NaN, 2, Number.NaN, Number.NaN])
  })
  it('are missed by name, and not taken from the future', async () => {
    expect(await problemsOf({ use: 'minutes' }, ['BTC', 'ETH'], { ...ports, nowMs: startSeconds * 1000 })).toEqual([
      '||the stored minutes of BTC end at 2025-01-06T00:03:00.000Z, which is in the future',
      '||no minutes of ETH are stored; "tuner minutes" shows and fetches them',
    ])
  })
})

describe('the made market', () => {
  const mock = (rest: object = {}): DataConfig =>
    ({
      use: 'mock',
      seed: 1,
      days: 10,
      stepSeconds: 60,
      dayVolatility: 0.03,
      daySwing: 0.5,
      regimeHours: 36,
      regimeLogSd: 0.4,
      ...rest,
    }) as DataConfig
  it('is the same for the same seed, and another one for another asset', async () => {
    const [btc, eth] = await load(mock(), ['BTC', 'ETH'])
    expect((await load(mock()))[0]!.close).toEqual(btc!.close)
    expect(eth!.close).not.toEqual(btc!.close)
    expect((await load(mock({ seed: 2 })))[0]!.close).not.toEqual(btc!.close)
  })
  it('moves as much as it says, in every hour of the day', async () => {
    const [{ close, trueVariance }] = (await load(mock({ days: 60 }))) as [BarSeries]
    for (const hour of [0, 6, 12, 18]) {
      let [made, told] = [0, 0]
      for (let i = 1; i < close.length; i += 1) {
        if (Math.floor(i / 60) % 24 !== hour) continue
        made += Math.log(close[i]! / close[i - 1]!) ** 2
        told += trueVariance![i]!
      }
      expect(made / told).toBeGreaterThan(0.9)
      expect(made / told).toBeLessThan(1.1)
    }
  })
  it('has candles around its closes', async () => {
    const [{ close, open, high, low, volume }] = (await load(mock())) as [BarSeries]
    expect(
      close.every((value, i) => high[i]! >= Math.max(value, open[i]!) && low[i]! <= Math.min(value, open[i]!)),
    ).toBe(true)
    expect(volume.every((value) => value > 0)).toBe(true)
  })
})

describe.skipIf(!hasShared)(`real prices${skippedWithoutShared}`, () => {
  it('of a file that joins several sources have a border at each, and no gap within', async () => {
    expect(await problemsOf(csv(sharedPath('market'), { stepSeconds: 300 }), ['XAU'])).toEqual([
      expect.stringMatching(/it has 1 gap, the first of 1 bar from /),
    ])
    const [gold] = await load(csv(sharedPath('market'), { stepSeconds: 300, gaps: 'skip' }), ['XAU'])
    expect(
      gold!.segmentStarts.map((bar) => new Date(gold!.firstOpenMs + bar * 300_000).toISOString().slice(0, 16)),
    ).toEqual(['2025-04-06T15:30', '2025-07-04T11:50', '2025-12-11T08:05'])
    expect(gold!.close.filter((close) => close > 0)).toHaveLength(91_685)
  })
})
