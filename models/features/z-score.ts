import { z } from 'zod'
import { defineMarketFeature } from '#core/forecast/models/onnx/feature'

/** Keeps a price that does not move from dividing by zero. */
const leastSd = 1e-8

export default defineMarketFeature({
  name: 'zScore',
  description: 'Log-price less its mean over the last closes of steps, in their standard deviations',
  settings: z.strictObject({
    length: z.int().min(2).max(1_000).describe('how many closes of steps, its own included'),
  }),
  minutes: ({ length }, stepMinutes) => (length - 1) * stepMinutes,
  values: ({ length }, rows) =>
    rows.map((minute) => {
      const logs = Array.from({ length }, (_, i) => rows.minutes.logClose(minute - i * rows.stepMinutes))
      const mean = logs.reduce((sum, log) => sum + log, 0) / length
      const sd = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (length - 1))
      return (logs[0]! - mean) / (sd + leastSd)
    }),
})
