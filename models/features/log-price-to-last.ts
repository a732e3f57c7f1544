import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'logPriceToLast',
  description: 'Log of the carried close at the end of the step over the last close of the window',
  settings: z.strictObject({}),
  minutes: (_, stepMinutes) => stepMinutes,
  values: (_, rows) =>
    rows.map((minute) => rows.minutes.logClose(minute) - rows.minutes.logClose(rows.minutes.count - 1)),
})
