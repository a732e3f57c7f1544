import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gridPrices } from './price-grid.ts'

const candle = fc.record({
  second: fc.integer({ min: 0, max: 700 }),
  close: fc.double({ min: 1, max: 9, noNaN: true }),
})
const candles = fc.uniqueArray(candle, { selector: ({ second }) => second, minLength: 1 })
const window = { startAtSeconds: 60, timeLengthSeconds: 540, stepSeconds: 60 }

const gridOf = (list: readonly { second: number; close: number }[]) =>
  gridPrices(window, { openSeconds: list.map(({ second }) => second), closes: list.map(({ close }) => close) })

it('holds at each second the close of its own candle or nothing', () => {
  fc.assert(
    fc.property(candles, (list) => {
      const expected = Array.from({ length: 10 }, (_, i) => list.find(({ second }) => second === 60 + i * 60)?.close)
      expect(Array.from(gridOf(list))).toEqual(expected.map((close) => close ?? Number.NaN))
    }),
  )
})

it('does not depend on the order in which candles are served', () => {
  fc.assert(
    fc.property(candles, (list) => {
      expect(gridOf([...list].reverse())).toEqual(gridOf(list))
    }),
  )
})
