import { z } from 'zod'
import { eventsOn, newYorkDay } from '#core/base/time/american-calendar'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { shareOfDay, shareOfWeek } from '#models/clock/local-time'

const openShare = 9.5 / 24
const closeShare = 16 / 24

export default defineTimeFeature({
  name: 'inSession',
  description: "1 while New York's exchange is open: 9:30 to 16:00 on its days, holidays known",
  settings: z.strictObject({}),
  at: (_, middleMs) => {
    const share = shareOfDay('newYork', middleMs)
    const isOpenNow = share >= openShare && share < closeShare && shareOfWeek('newYork', middleMs) * 7 < 5
    return isOpenNow && !eventsOn(newYorkDay(middleMs)).some(({ kind }) => kind === 'holiday') ? 1 : 0
  },
})
