import { describe, expect, it } from 'vitest'
import { sha256Hex } from '#adapters/files/output-file'
import { SplitMix64 } from '#core/base/random/rng'
import { readParameterFile, writeParameterFile } from '#core/forecast/models/parameter-file'
import type { PriceSeriesSource } from '#core/forecast/models/price-series-source'
import { type CalibrateOptions, calibrateAssets } from './calibrate.ts'

function makeCloses(count: number): Float64Array {
  const rng = new SplitMix64(3n)
  let price = 100
  return Float64Array.from({ length: count }, () => {
    price *= 1 + 0.002 * (rng.next() - 0.5)
    return price
  })
}

const source: PriceSeriesSource = {
  listAssets: () => ['BTC', 'NEW'],
  readLow: (asset) => ({
    series: { startAtMs: 0, stepSeconds: 300, closes: makeCloses(asset === 'BTC' ? 288 * 20 : 100) },
    unseenSteps: 0,
  }),
  readHigh: () => undefined,
}

function run(options: Partial<CalibrateOptions> = {}, stored = new Map<string, string>()) {
  const files = new Map<string, string>()
  const lines: string[] = []
  const written = calibrateAssets(
    {
      openFolder: () => source,
      withMinutes: (use) => use(source),
      readText: (path) => stored.get(path),
      writeText: (path, text) => files.set(path, text),
      hashText: sha256Hex,
      publishedFolder: 'published',
      write: (line) => lines.push(line),
    },
    { ...(options.fromMinutes === true ? {} : { market: 'prices' }), out: 'out', ...options },
  )
  return { written, files, lines }
}

function setIn(files: ReadonlyMap<string, string>, path: string) {
  const reading = readParameterFile(files.get(path) ?? '', sha256Hex)
  if (!reading.ok) throw new Error(`${path}: ${reading.reason}`)
  return reading.file.parameters
}

describe('calibrate', () => {
  const plain = run()
  it('writes a hashed file for each asset with enough prices and says which have too few', () => {
    expect(plain.written.files).toMatchObject([{ file: 'out/BTC.low.json', asset: 'BTC', grid: 'low' }])
    expect(setIn(plain.files, 'out/BTC.low.json')).toMatchObject({ asset: 'BTC', window: { observedSteps: 5760 } })
    expect(plain.lines[0]).toContain('NEW low: left out, NEW: 100 prices of 300 s, but 2880 are needed')
  })
  it('gives the same bytes again', () => {
    expect(run({ assets: 'BTC' }).files).toEqual(plain.files)
  })
  it('writes what the markets have in common where asked to', () => {
    const { written, files } = run({ pool: true, assets: 'BTC' })
    expect(written.files.map(({ asset }) => asset)).toEqual(['BTC', 'POOL'])
    expect(setIn(files, 'out/POOL.low.json').model).toEqual(setIn(files, 'out/BTC.low.json').model)
  })
  it("begins with the published set when it fits the daemon's minutes, and stays near it where prices are few", () => {
    const published = setIn(plain.files, 'out/BTC.low.json')
    const scales = published.model.curve.scales.map((_, slot) => (slot % 2 === 0 ? 1.5 : 0.5))
    const skewed = { ...published, model: { ...published.model, curve: { ...published.model.curve, scales } } }
    const stored = new Map([['published/BTC.low.json', writeParameterFile(skewed, sha256Hex)]])
    const { files } = run({ fromMinutes: true, assets: 'BTC' }, stored)
    const [even, odd] = setIn(files, 'out/BTC.low.json').model.curve.scales
    expect(even! / odd!).toBeGreaterThan(1.5)
  })
  it('says when the set to begin with cannot be used, and begins without it', () => {
    const { files, lines, written } = run({ assets: 'BTC', prior: 'old' }, new Map([['old/BTC.low.json', '{}']]))
    expect(lines[0]).toContain('old/BTC.low.json is not used as a start: ')
    expect(written.refusedPriors).toMatchObject([{ file: 'old/BTC.low.json' }])
    expect(files).toEqual(plain.files)
  })
  it('names the assets there are when asked for another', () => {
    expect(() => run({ assets: 'DOGE' })).toThrow('prices has no prices of DOGE.')
  })
  it('wants one source of prices, not two and not none', () => {
    expect(() => run({ market: 'prices', fromMinutes: true })).toThrow('Prices come from one source')
  })
})
