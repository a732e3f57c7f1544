import { z } from 'zod'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { clockSetting, shareOfWeek } from '#models/clock/local-time'

export default defineTimeFeature({
  name: 'isWeekend',
  description: '1 on Saturday and Sunday',
  settings: z.strictObject({ clock: clockSetting }),
  at: ({ clock }, middleMs) => (shareOfWeek(clock, middleMs) * 7 >= 5 ? 1 : 0),
})
