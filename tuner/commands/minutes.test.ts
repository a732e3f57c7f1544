import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readMinuteFile } from '#adapters/minute-files/read-minute-file'
import { writeMinuteFile } from '#adapters/minute-files/write-minute-file'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { AppError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import type { VenueSymbol } from '#core/market/venues/venue'
import { SyntheticMarket } from '#standins/market/synthetic/synthetic-market'
import { FakeMinuteVenue } from '#tests/support/fake-minute-venue'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { addMinutesCommand } from './minutes.ts'

const market = new SyntheticMarket({ seed: 9n, originMs: Date.UTC(2026, 7, 1) })
const nowMs = Date.UTC(2026, 8, 20, 12, 0, 30)
const scored: Readonly<Record<string, VenueSymbol>> = {
  BTC: { venue: 'binanceSpot', symbol: 'BTCUSDT' },
  XAU: { venue: 'hyperliquidPerp', symbol: 'xyz:GOLD' },
}

function aTuner(options: { hasColor?: boolean } = {}) {
  const folder = temporaryFolder()
  const clock = new TestClock(nowMs)
  clock.sleep = (durationMs) => clock.advance(durationMs) // pauses between tries pass at once
  const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
  const db = openDatabase({ path: join(folder, 'db.sqlite'), migrationsDir, clock })
  onTestFinished(() => void db.close())
  const store = new SqliteMinuteStore(db, clock)
  const binance = new FakeMinuteVenue({ venue: 'binanceSpot', clock, feed: market, assets: { BTCUSDT: 'BTC' } })
  const hyperliquid = new FakeMinuteVenue({
    venue: 'hyperliquidPerp',
    clock,
    feed: market,
    assets: { 'xyz:GOLD': 'XAU' },
    remembersMinutes: 5_000,
  })
  const histories = new Map([binance, hyperliquid].map((venue) => [venue.venue, venue]))
  /** Runs a command as a person would; the error it ends with, if any, comes back as text. */
  const run = async (...words: string[]): Promise<{ lines: string[]; error: string; exitCode: number }> => {
    const lines: string[] = []
    const program = new Command('tuner').exitOverride().configureOutput({ writeErr: () => {} })
    addMinutesCommand(program, {
      open: () => ({ store, assets: ['BTC', 'XAU'], sources: (asset) => scored[asset], histories, close: () => {} }),
      terminal: {
        write: (line) => void lines.push(line),
        warn: () => {},
        columns: undefined,
        hasColor: options.hasColor ?? false,
      },
      clock,
      readMinuteFile,
      writeMinuteFile,
    })
    for (const command of program.commands.flatMap((top) => [top, ...top.commands]))
      command.copyInheritedSettings(program)
    try {
      await program.parseAsync(['minutes', ...words], { from: 'user' })
      return { lines, error: '', exitCode: 0 }
    } catch (error) {
      if (error instanceof AppError)
        return { lines, error: `${error.code}: ${error.message}`, exitCode: error.exitCode }
      throw error
    }
  }
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  return { run, file, folder, store, db, binance, hyperliquid, clock }
}

const seconds = (minutesAgo: number) => Math.floor(nowMs / minuteMs) * 60 - minutesAgo * 60
const csv = (...rows: [minutesAgo: number, close: number][]) =>
  `ts,close\n${rows.map(([ago, close]) => `${seconds(ago)},${close}\n`).join('')}`
const BTC = { asset: 'BTC', ...scored['BTC']! }
const at = (minutesAgo: number) => seconds(minutesAgo) * 1_000

/** Wherever its lines are broken. */
const plain = (lines: readonly string[]): string => lines.join(' ').replace(/\s+/g, ' ')

describe('minutes backfill', () => {
  it('fetches a month from the venue that has it, and what there is from the one that forgets', async () => {
    const { run, store } = aTuner()
    const { lines, exitCode } = await run('backfill', '--days', '30')
    expect(exitCode).toBe(0)
    expect(lines[0]).toBe('BTC     binanceSpot BTCUSDT        43 200 minutes added')
    expect(plain(lines.slice(1))).toMatch(
      /^XAU hyperliquidPerp xyz:GOLD \d \d{3} minutes added, \d+ without a trade, 38 \d{3} that the venue no longer has/,
    )
    const closes = store.readCloses(BTC, at(43_200), at(1))
    expect(closes.at(-1)).toBe(market.minuteClose('BTC', at(1)))
    expect((await run('backfill', '--asset', 'BTC')).lines[0]).toContain(' 0 minutes added')
  })
  it('says what it could not fetch, keeps what it could, and asks to be run again', async () => {
    const { run, binance, store } = aTuner()
    binance.failure = 'timeout'
    const { error, exitCode, lines } = await run('backfill', '--days', '1')
    expect([error, exitCode]).toEqual([
      'MINUTES_INCOMPLETE: Not all minutes of BTC could be fetched: binanceSpot is set to timeout',
      75,
    ])
    expect(plain(lines)).toContain('stopped: binanceSpot is set to timeout')
    expect(binance.requests).toHaveLength(3)
    expect(store.listSeries().map((series) => series.asset)).toEqual(['XAU'])
  })
  it('gives its figures as JSON', async () => {
    const { run } = aTuner()
    const { lines } = await run('backfill', '--days', '1', '--asset', 'BTC', '--json')
    expect(JSON.parse(lines.join('\n'))).toEqual({
      series: [{ ...BTC, added: 1_440, gapsDeclared: 0, outOfReach: 0, unsettled: 0, failure: null }],
    })
  })
})

describe('minutes status', () => {
  it('fits a page of 80 columns and draws what is known', async () => {
    const { run } = aTuner()
    await run('backfill', '--days', '15')
    const { lines } = await run('status', '--days', '30')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    const [title, , header, btc, btcPicture, xau, xauPicture] = lines
    expect(title).toBe('Minutes from 2026-08-21 12:00 to 2026-09-20 11:59 UTC')
    expect(header).toContain('closes  no trade   unknown  last close')
    expect(btc).toMatch(/^BTC {5}binanceSpot BTCUSDT +21 600 +0 +21 600 {2}09-20 11:59$/)
    expect(btcPicture).toBe(`        ${'·'.repeat(36)}${'█'.repeat(36)}`)
    expect(xau).toMatch(/^XAU {5}hyperliquidPerp xyz:GOLD +\d \d{3} +\d+ +38 \d{3} {2}09-20 11:5\d$/)
    expect(xauPicture).toMatch(/^ {8}·{63}[▁-█]█{7}[▁-█]$/)
    expect(lines).toContain('asset   from              to                 minutes  kind')
    expect(lines).toContain('BTC     2026-08-21 12:00  2026-09-05 11:59    21 600  unknown')
  })
  it('colours the picture only where colour is wanted', async () => {
    const colour = '\u001b['
    const colored = aTuner({ hasColor: true })
    expect((await colored.run('status')).lines.some((line) => line.includes(colour))).toBe(true)
    expect((await aTuner().run('status')).lines.some((line) => line.includes(colour))).toBe(false)
  })
  it('shows an asset of which nothing is stored yet', async () => {
    const { lines } = await aTuner().run('status', '--days', '1', '--asset', 'BTC')
    expect(lines[3]).toMatch(/^BTC {5}binanceSpot BTCUSDT +0 +0 +1 440 {2}never$/)
  })
  it('tells the whole story as JSON: holes, provenance, conflicts', async () => {
    const { run, file } = aTuner()
    await run('import', file('BTC.csv', csv([4, 100], [3, 101], [1, 103])))
    await run('import', file('BTC.csv', csv([4, 100], [3, 999])))
    const { lines } = await run('status', '--days', '1', '--asset', 'BTC', '--json')
    const { series } = JSON.parse(lines.join('\n')) as { series: Record<string, unknown>[] }
    expect(series).toHaveLength(1)
    expect(series[0]).toMatchObject({
      ...BTC,
      isScored: true,
      closes: 3,
      gaps: 0,
      unknown: 1_437,
      conflicts: 1,
      lastClose: '2026-09-20T11:59:00Z',
      holes: [
        { kind: 'unknown', from: '2026-09-19T12:00:00Z', to: '2026-09-20T11:55:00Z', minutes: 1_436 },
        { kind: 'unknown', from: '2026-09-20T11:58:00Z', to: '2026-09-20T11:58:00Z', minutes: 1 },
      ],
    })
    expect(series[0]?.['ranges']).toMatchObject([{ origin: 'imported', detail: 'BTC.csv', closes: 3, conflicts: 1 }])
  })
  it('lists the longest holes, and every one only when asked for all', async () => {
    const { run, file } = aTuner()
    // Two minutes with a close, one without, fifty times.
    const withGaps = Array.from({ length: 151 }, (_, at): [number, number] => [151 - at, 100]).filter(
      (_, at) => at % 3 < 2,
    )
    await run('import', '--complete', file('BTC.csv', csv(...withGaps)))
    const holesOf = (lines: readonly string[]) => lines.filter((line) => /^BTC {5}2026/.test(line))
    const some = await run('status', '--days', '1', '--asset', 'BTC', '--gaps')
    expect(holesOf(some.lines)).toHaveLength(30)
    expect(holesOf(some.lines)[0]).toContain('unknown')
    expect(plain(some.lines)).toContain('and 21 shorter ones, 21 minutes in all; --all lists them')
    const all = await run('status', '--days', '1', '--asset', 'BTC', '--gaps', '--all')
    expect([holesOf(all.lines).length, plain(all.lines).includes('shorter')]).toEqual([51, false])
  })
  it('knows an asset by no other name, and says which it may have meant', async () => {
    const { error, exitCode } = await aTuner().run('status', '--asset', 'BTX')
    expect([error, exitCode]).toEqual(['ASSET_UNKNOWN: There is no asset BTX.', 64])
  })
})

describe('minutes import', () => {
  it('stores a file, once, under the asset of its name and the venue that is scored', async () => {
    const { run, file, store } = aTuner()
    const path = file('BTC.csv', csv([4, 100], [3, 101], [1, 103]))
    expect((await run('import', path)).lines).toEqual([
      `${path}: 3 minutes of BTC (binanceSpot BTCUSDT)`,
      '  2026-09-20 11:56 to 2026-09-20 11:59 UTC',
      '  3 new, 0 stored before',
    ])
    expect((await run('import', path)).lines[2]).toBe('  0 new, 3 stored before')
    expect([...store.readSlots(BTC, at(4), at(1))]).toEqual([100, 101, 0, 103])
  })
  it('declares the missing minutes gaps only when told that the file is complete', async () => {
    const { run, file, store } = aTuner()
    await run('import', '--complete', file('BTC.csv', csv([4, 100], [1, 103])))
    expect([...store.readSlots(BTC, at(4), at(1))]).toEqual([100, Number.NaN, Number.NaN, 103])
  })
  it('leaves what is stored where the file says something else, and takes the file only with --replace', async () => {
    const { run, file, store } = aTuner()
    await run('import', file('BTC.csv', csv([2, 100], [1, 101])))
    const other = file('BTC.csv', csv([2, 100], [1, 111]))
    expect(plain((await run('import', other)).lines)).toContain(
      'differ from the stored ones and were not used, such as 2026-09-20 11:59: stored 101, file 111',
    )
    expect(store.readSlots(BTC, at(1), at(1))[0]).toBe(101)
    expect(plain((await run('import', '--replace', other)).lines)).toContain(
      '1 replaced, such as 2026-09-20 11:59: 101 by 111',
    )
    expect(store.readSlots(BTC, at(1), at(1))[0]).toBe(111)
  })
  it('leaves nothing of a bad file behind, keeps the good one before it, and ends with the code for bad data', async () => {
    const { run, file, store } = aTuner()
    const good = file('BTC.csv', csv([2, 100], [1, 101]))
    const bad = file('XAU.csv', `${csv([3, 4_000], [2, 4_001])}${seconds(1)}`)
    const { error, exitCode } = await run('import', good, bad)
    expect(error).toContain('XAU.csv, line 4: 1 fields instead of 2; the row may be incomplete')
    expect(exitCode).toBe(65)
    expect(store.listSeries().map((series) => series.asset)).toEqual(['BTC'])
  })
  it('asks for the asset when the name does not tell, before it reads anything', async () => {
    const { run, file, store } = aTuner()
    const { error, exitCode } = await run('import', file('BTC.csv', csv([1, 1])), file('BTC_5m.csv', csv([1, 1])))
    expect(error).toMatch(/^USAGE: The name of .*BTC_5m[.]csv does not say which asset it holds[.]$/)
    expect([exitCode, store.listSeries()]).toEqual([64, []])
  })
  it('keeps another venue apart and refuses one that does not exist', async () => {
    const { run, file, store } = aTuner()
    const path = file('x.csv', csv([1, 1]))
    await run('import', path, '--asset', 'BTC', '--venue', 'files')
    expect(store.listSeries()).toMatchObject([{ asset: 'BTC', venue: 'files', symbol: 'BTC' }])
    expect((await run('import', path, '--asset', 'BTC', '--venue', 'binance')).error).toBe(
      'USAGE: There is no venue binance.',
    )
  })
})

describe('minutes export', () => {
  it.each(['csv', 'csv.gz', 'parquet'])('writes what import reads back bit for bit, as %s', async (format) => {
    const { run, store, folder } = aTuner()
    await run('backfill', '--days', '2')
    const { lines } = await run('export', '--format', format, '--out', folder)
    expect(lines[0]).toBe(`${folder}/BTC.${format}: 2 880 minutes of BTC (binanceSpot BTCUSDT)`)
    const other = aTuner()
    await other.run('import', `${folder}/BTC.${format}`, `${folder}/XAU.${format}`)
    for (const asset of ['BTC', 'XAU']) {
      const series = { asset, ...scored[asset]! }
      expect(other.store.readCloses(series, at(2_880), at(1))).toEqual(store.readCloses(series, at(2_880), at(1)))
    }
  })
  it('writes the range that was asked for', async () => {
    const { run, folder } = aTuner()
    await run('backfill', '--days', '3')
    const words = ['--asset', 'BTC', '--from', '2026-09-19', '--to', '2026-09-19T00:09Z', '--out', folder, '--json']
    const { lines } = await run('export', ...words)
    const range = { from: '2026-09-19T00:00:00Z', to: '2026-09-19T00:09:00Z' }
    expect(JSON.parse(lines.join('\n'))).toEqual({
      files: [{ file: `${folder}/BTC.csv.gz`, ...BTC, rows: 10, ...range }],
    })
  })
  it('makes the folder, but says so when it cannot, and writes no file when there is nothing', async () => {
    const { run, folder, file } = aTuner()
    const out = join(folder, 'a', 'b')
    expect((await run('export', '--out', out)).error).toBe('USAGE: Nothing of this is stored.')
    expect(existsSync(out)).toBe(false)
    await run('backfill', '--days', '1', '--asset', 'BTC')
    await run('export', '--out', out)
    expect(readdirSync(out)).toEqual(['BTC.csv.gz'])
    const { error, exitCode } = await run('export', '--out', file('taken', ''))
    expect(error).toMatch(/^OUTPUT_FAILED: .*taken\/BTC[.]csv[.]gz cannot be written: /)
    expect(exitCode).toBe(75)
  })
  it('understands no half date', async () => {
    expect((await aTuner().run('export', '--from', '2026-9-1')).error).toBe(
      'USAGE: --from "2026-9-1" is not an instant.',
    )
  })
})
