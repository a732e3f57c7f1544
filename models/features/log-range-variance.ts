import { z } from 'zod'
import { defineMarketFeature, minutesSetting } from '#core/forecast/models/onnx/feature'
import { leastMinuteVariance } from '#core/forecast/models/onnx/minute-facts'
import { KnownMeans } from '#models/signal/known-means'

const parkinson = 4 * Math.log(2)

export default defineMarketFeature({
  name: 'logRangeVariance',
  description: "Log of Parkinson's variance of one minute, from highs and lows, averaged over the last minutes",
  settings: z.strictObject({ minutes: minutesSetting('how far it looks back') }),
  reads: () => ({ candles: true }),
  minutes: ({ minutes }) => minutes,
  values: ({ minutes }, rows) => {
    const squares = rows.once('squared ranges', () => {
      const squareOf = (minute: number): number => {
        const candle = rows.candles.candle(minute)
        return candle === undefined ? Number.NaN : Math.log(candle.high / candle.low) ** 2
      }
      return new KnownMeans(rows.minutes.count, squareOf)
    })
    return rows.map((minute) => Math.log(Math.max(squares.mean(minute, minutes) / parkinson, leastMinuteVariance)))
  },
})
