import { z } from 'zod'
import { defineMarketFeature, minutesSetting } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'logSemivariance',
  description: 'As logRealizedVariance, but moves to the other side count as 0',
  settings: z.strictObject({
    side: z.enum(['up', 'down']).describe('which moves count'),
    minutes: minutesSetting('how far it looks back'),
  }),
  minutes: ({ minutes }) => minutes,
  values: ({ side, minutes }, rows) => rows.map((minute) => rows.minutes.logSemivariance(side, minute, minutes)),
})
