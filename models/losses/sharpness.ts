import { z } from 'zod'
import { sqrt, times } from '#models/graph/arithmetic'
import { defineLoss } from '#models/registry/component'
import { basisPoints } from '#models/scoring/changes'
import { meanVariance } from '#models/scoring/draw-paths'
import { meanOfKnown } from '#models/scoring/targets'

export default defineLoss({
  name: 'sharpness',
  description: 'The mean standard deviation of a step in basis points: how much a forecast commits itself.',
  isMetric: true,
  isReported: true,
  settings: z.strictObject({}),
  build: (_scope, process, { known }) => meanOfKnown(times(sqrt(meanVariance(process)), basisPoints), known),
})
