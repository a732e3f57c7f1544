import { describe, expect, it } from 'vitest'
import { sha256Hex } from '#adapters/files/output-file'
import { readParameterFile } from '#core/models/parameter-file'
import type { PriceSeriesSource } from '#core/models/price-series-source'
import { SplitMix64 } from '#core/random/rng'
import { calibrateFolder } from './calibrate.ts'

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

function run(assets?: string) {
  const files = new Map<string, string>()
  const lines: string[] = []
  const written = calibrateFolder(
    {
      openFolder: () => source,
      writeText: (path, text) => files.set(path, text),
      hashText: sha256Hex,
      write: (line) => lines.push(line),
    },
    { market: 'prices', out: 'out', ...(assets === undefined ? {} : { assets }) },
  )
  return { written, files, lines }
}

describe('calibrate', () => {
  it('writes a hashed file for each asset with enough prices and says which have too few', () => {
    const { written, files, lines } = run()
    expect(written).toBe(1)
    const reading = readParameterFile(files.get('out/BTC.low.json')!, sha256Hex)
    expect(reading).toMatchObject({ ok: true, file: { parameters: { asset: 'BTC', window: { observedSteps: 5760 } } } })
    expect(lines[1]).toContain('NEW low: left out, NEW: 100 prices of 300 s, but 2880 are needed')
  })
  it('gives the same bytes again', () => {
    expect(run('BTC').files).toEqual(run('BTC').files)
  })
  it('names the assets there are when asked for another', () => {
    expect(() => run('DOGE')).toThrow('prices has no prices of DOGE.')
  })
})
