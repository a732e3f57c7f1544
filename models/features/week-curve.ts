import { z } from 'zod'
import { minuteMs } from '#core/base/time/units'
import { defineTimeFeature } from '#core/forecast/models/onnx/feature'
import { leastMinuteVariance } from '#core/forecast/models/onnx/minute-facts'

const weekMinutes = 7 * 24 * 60

export default defineTimeFeature({
  name: 'weekCurve',
  description: 'Log of how lively this moment of the week was in the last weeks, relative to those whole weeks',
  settings: z.strictObject({
    weeks: z.int().min(1).max(4).default(2).describe('how many weeks it looks back'),
    minutes: z.int().min(2).max(1_440).default(60).describe('the stretch around the moment'),
  }),
  minutes: ({ weeks, minutes }) => weeks * weekMinutes + Math.ceil(minutes / 2),
  at: ({ weeks, minutes: width }, middleMs, { minutes, endsAtMs }) => {
    // The last minute that is over at the moment, or what it would be in a longer window.
    const here = minutes.count - 1 + Math.floor((middleMs - endsAtMs) / minuteMs)
    const known = Array.from({ length: weeks }, (_, i) => {
      const first = here - (i + 1) * weekMinutes + 1 - Math.floor(width / 2)
      return minutes.meanSquare(first, first + width - 1)
    }).filter((square) => !Number.isNaN(square))
    const last = Math.min(here, minutes.count - 1)
    const usual = minutes.meanSquare(last + 1 - weeks * weekMinutes, last)
    const own = known.reduce((sum, square) => sum + square, 0) / known.length
    return Math.log(Math.max(own, leastMinuteVariance)) - Math.log(Math.max(usual, leastMinuteVariance))
  },
})
