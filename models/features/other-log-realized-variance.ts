import { z } from 'zod'
import { defineMarketFeature, minutesSetting } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'otherLogRealizedVariance',
  description: 'logRealizedVariance of another asset in the same minutes',
  settings: z.strictObject({
    asset: z.string().min(1).max(32).describe('the other asset'),
    minutes: minutesSetting('how far it looks back'),
  }),
  reads: ({ asset }) => ({ others: [asset] }),
  minutes: ({ minutes }) => minutes,
  values: ({ asset, minutes }, rows) => {
    const other = rows.other(asset)
    return rows.map((minute) => other?.logRealisedVariance(minute, minutes) ?? Number.NaN)
  },
})
