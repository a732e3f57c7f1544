import { z } from 'zod'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { clockSetting, shareOfWeek } from '#models/clock/local-time'

export default defineTimeFeature({
  name: 'weekSin',
  description: 'Sine of the share of the week, from Monday 0:00',
  settings: z.strictObject({ clock: clockSetting }),
  at: ({ clock }, middleMs) => Math.sin(2 * Math.PI * shareOfWeek(clock, middleMs)),
})
