import { z } from 'zod'
import { eventsOn, newYorkDay } from '#core/base/time/american-calendar'
import { fromNewYorkClock } from '#core/base/time/new-york'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'

export default defineTimeFeature({
  name: 'nearEvent',
  description:
    'How near the next announcement of prices, employment or rates is, or the last one was: 1 at it, 0 far off',
  settings: z.strictObject({
    hours: z.number().positive().max(24).default(2).describe('0 from this far before or after'),
  }),
  at: ({ hours }, middleMs) => {
    const today = newYorkDay(middleMs)
    const distances = [today - 1, today, today + 1].flatMap((day) =>
      eventsOn(day)
        .filter(({ kind }) => kind !== 'holiday')
        .map(({ atMinute }) => Math.abs(fromNewYorkClock(day * dayMs + atMinute * minuteMs) - middleMs)),
    )
    return Math.max(0, 1 - Math.min(...distances) / (hours * hourMs))
  },
})
