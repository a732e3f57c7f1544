import { z } from 'zod'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { clockSetting, shareOfDay } from '#models/clock/local-time'

export default defineTimeFeature({
  name: 'daySin',
  description: 'Sine of the share of the day',
  settings: z.strictObject({ clock: clockSetting }),
  at: ({ clock }, middleMs) => Math.sin(2 * Math.PI * shareOfDay(clock, middleMs)),
})
