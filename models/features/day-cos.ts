import { z } from 'zod'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { clockSetting, shareOfDay } from '#models/clock/local-time'

export default defineTimeFeature({
  name: 'dayCos',
  description: 'Cosine of the share of the day',
  settings: z.strictObject({ clock: clockSetting }),
  at: ({ clock }, middleMs) => Math.cos(2 * Math.PI * shareOfDay(clock, middleMs)),
})
