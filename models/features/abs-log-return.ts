import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'absLogReturn',
  description: 'Absolute value of logReturn',
  settings: z.strictObject({}),
  minutes: (_, stepMinutes) => stepMinutes,
  values: (_, rows) =>
    rows.map((minute) => Math.abs(rows.minutes.logClose(minute) - rows.minutes.logClose(minute - rows.stepMinutes))),
})
