import { z } from 'zod'
import { defineMarketFeature, minutesSetting } from '#core/forecast/models/onnx/feature'
import { KnownMeans } from '#models/signal/known-means'

/** Keeps the logarithm of a minute without trades finite. */
const leastVolume = 1e-9

export default defineMarketFeature({
  name: 'logVolume',
  description: 'Log of the mean volume of the known minutes of the last minutes',
  settings: z.strictObject({ minutes: minutesSetting('how far it looks back') }),
  reads: () => ({ candles: true }),
  minutes: ({ minutes }) => minutes,
  values: ({ minutes }, rows) => {
    const volumes = rows.once('volumes', () => new KnownMeans(rows.minutes.count, (i) => rows.candles.volume(i)))
    return rows.map((minute) => Math.log(volumes.mean(minute, minutes) + leastVolume))
  },
})
