import { z } from 'zod'
import { add, multiply, times } from '#models/graph/arithmetic'
import { linear } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { matmul } from '#models/graph/linear'
import { reduceMean } from '#models/graph/reduce'
import { boundedHeadInput, withAhead } from '#models/process/head-input'
import {
  bounded,
  boundedLogVariance,
  correctedBy,
  leastDegreesOfFreedom,
  mostDegreesOfFreedom,
  mostLevelLogSd,
} from '#models/process/limits'
import { defineHead, FitError } from '#models/registry/component'

/** How far level and degrees of freedom move, as a logarithm. Both stay in their own limits by the bounds of the settings. */
const mostShapeChange = Math.LN2

export default defineHead({
  name: 'residual',
  description:
    'Corrects the calibrated forecast: the variance of each step, the spread of whole paths, the weight of the tails. Without training it is that forecast.',
  needsBaseline: true,
  settings: z.strictObject({
    curve: z
      .enum(['smooth', 'perStep'])
      .default('smooth')
      .describe('Whether the correction of the variance is a sum of a few waves, or free at each step.'),
    waves: z.int().min(1).max(32).default(6).describe('How many waves a smooth correction has; the first is a level.'),
    most: z.number().positive().max(4).default(1).describe('The largest correction of a log-variance.'),
    tails: z.enum(['normal', 'student']).default('student').describe('The shape of one step.'),
    degreesOfFreedom: z
      .number()
      .min(2 * leastDegreesOfFreedom)
      .max(mostDegreesOfFreedom / 2)
      .default(11)
      .describe('Of one step before correction, with tails `student`.'),
    levelLogSd: z
      .number()
      .min(0)
      .max(mostLevelLogSd / 2)
      .default(0.27)
      .describe("Uncertainty of a path's log-volatility before correction. 0: none, and none is learned."),
    shrinkage: z
      .number()
      .min(0)
      .default(0.05)
      .describe('What a correction by 1 costs, in the unit of one term of the loss.'),
  }),
  build: (scope, given, settings) => {
    const input = boundedHeadInput(given)
    if (input.baseline === undefined) throw new FitError('head residual needs inputs.baseline')
    const { pooled, steps, stepSeconds } = input
    const zeroStart = (name: string, columns: number) =>
      scope.within(name, (inner) => linear(inner, pooled, columns, { start: 'zero' }))
    const own =
      settings.curve === 'perStep'
        ? zeroStart('variance', steps)
        : matmul(zeroStart('variance', settings.waves), scope.graph.constant(...cosines(settings.waves, steps)))
    const correction = bounded(withAhead(scope, own, input.ahead, 'zero'), settings.most)
    const shape = (name: string) => bounded(zeroStart(name, 1), mostShapeChange)
    const level = settings.levelLogSd === 0 ? undefined : shape('level')
    const tails = settings.tails === 'normal' ? undefined : shape('tails')
    const corrections = [correction, level, tails].filter((value) => value !== undefined)
    return {
      stepSeconds,
      logVariance: add(boundedLogVariance(input.baseline), correction),
      weights: undefined,
      drift: undefined,
      tails:
        tails === undefined
          ? { kind: 'normal' }
          : { kind: 'student', degreesOfFreedom: correctedBy(tails, settings.degreesOfFreedom) },
      levelLogSd: level === undefined ? undefined : correctedBy(level, settings.levelLogSd),
      penalty: times(corrections.map(meanSquare).reduce(add), settings.shrinkage),
    }
  },
})

function meanSquare(x: Value): Value {
  return reduceMean(multiply(x, x), { axes: x.shape.map((_, axis) => axis) })
}

/** Half waves over the horizon, slow ones first: [count, steps]. */
function cosines(count: number, steps: number): [Float64Array, number[]] {
  const numbers = Float64Array.from({ length: count * steps }, (_, place) =>
    Math.cos((Math.PI * Math.floor(place / steps) * ((place % steps) + 0.5)) / steps),
  )
  return [numbers, [count, steps]]
}
