import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { PriceSeriesFolder } from './price-series-folder.ts'

const startAtSeconds = 1_767_225_600

function folderOf(files: Readonly<Record<string, string | Buffer>>): PriceSeriesFolder {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return new PriceSeriesFolder(folder)
}
const rows = (...values: [number, number][]) =>
  ['ts,close,open', ...values.map(([step, close]) => `${startAtSeconds + step},${close},1`)].join('\n')

describe('PriceSeriesFolder', () => {
  it('puts closes where they are the price, and nothing where no row is', () => {
    const folder = folderOf({
      'BTC.csv.gz': gzipSync(rows([0, 1], [60, 2], [180, 4], [240, 5], [300, 6])),
      'ETH_5m.csv': rows([0, 1], [300, 2]),
    })
    expect(folder.listAssets()).toEqual(['BTC', 'ETH'])
    const minutes = folder.readHigh('BTC')!
    expect([...minutes.series.closes]).toEqual([1, 2, Number.NaN, 4, 5, 6])
    expect(minutes.unseenSteps).toBe(1)
    expect([...folder.readLow('BTC')!.series.closes]).toEqual([1, 6])
    // The bar that opens at the start closes five minutes later.
    expect(folder.readLow('ETH')).toMatchObject({
      series: { startAtMs: (startAtSeconds + 300) * 1000, stepSeconds: 300 },
      unseenSteps: 0,
    })
    expect(folder.readHigh('ETH')).toBeUndefined()
  })
  it('names what is on no grid', () => {
    const folder = folderOf({ 'SP500_3m.csv': '', 'OIL_15m.csv': '', 'OIL_5m.csv': '' })
    expect(folder.listAssets()).toEqual(['OIL'])
    expect(folder.listLeftOut().map(({ name }) => name)).toEqual(['OIL_15m', 'SP500_3m'])
  })
  it('takes rows in any order and the last of two for the same time', () => {
    const folder = folderOf({ 'BTC.csv': rows([120, 3], [0, 1], [60, 9], [60, 2]) })
    expect([...folder.readHigh('BTC')!.series.closes]).toEqual([1, 2, 3])
  })
  it.each([
    ['cut off', gzipSync(rows([0, 1], [60, 2])).subarray(0, 20), /BTC[.]csv[.]gz: /],
    ['empty', gzipSync(''), /fewer than two rows begin with "ts,close"/],
    ['in milliseconds', gzipSync(`ts,close\n${startAtSeconds}000,5\n`), /is not a time in Unix seconds/],
    ['of another step', gzipSync(rows([0, 1], [900, 2], [1800, 1])), /rows are 900 s apart, but by its name .* 60 s/],
  ])('says in a sentence what is wrong with a file that is %s', (_, content, sentence) => {
    expect(() => folderOf({ 'BTC.csv.gz': content }).readHigh('BTC')).toThrow(sentence)
  })
})
