import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'

export default defineMarketFeature({
  name: 'knownShare',
  description: "Share of the step's minutes that have a close",
  settings: z.strictObject({}),
  minutes: (_, stepMinutes) => stepMinutes,
  values: (_, rows) => rows.map((minute) => rows.minutes.knownShare(minute, rows.stepMinutes)),
})
