import { z } from 'zod'
import { defineMarketFeature, minutesSetting } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'logRealizedVariance',
  description: 'Log of the mean squared one-minute log-return of the last minutes',
  settings: z.strictObject({ minutes: minutesSetting('how far it looks back') }),
  minutes: ({ minutes }) => minutes,
  values: ({ minutes }, rows) => rows.map((minute) => rows.minutes.logRealisedVariance(minute, minutes)),
})
