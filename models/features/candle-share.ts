import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'candleShare',
  description: "Share of the step's minutes of which more than the close is known",
  settings: z.strictObject({
    of: z.enum(['range', 'volume']).describe('range: open, high and low'),
  }),
  reads: () => ({ candles: true }),
  minutes: (_, stepMinutes) => stepMinutes,
  values: ({ of }, rows) =>
    rows.map((lastMinute) => {
      let known = 0
      for (let minute = lastMinute + 1 - rows.stepMinutes; minute <= lastMinute; minute += 1) {
        const isKnown = of === 'range' ? rows.candles.candle(minute) !== undefined : rows.candles.volume(minute) >= 0
        if (isKnown) known += 1
      }
      return known / rows.stepMinutes
    }),
})
