import { z } from 'zod'
import { add, divide, log, multiply, plus, sqrt, subtract, times } from '#models/graph/arithmetic'
import { logSumExp } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { unsqueeze } from '#models/graph/shape-operators'
import { defineLoss } from '#models/registry/component'
import { normalMixture } from '#models/scoring/normal-mixture'
import { studentFacts, studentLogDensity, studentScale } from '#models/scoring/student-law'
import { meanOfKnown, momentsOf, movesOf } from '#models/scoring/targets'

export default defineLoss({
  name: 'log_likelihood',
  description: 'Minus the mean logarithm of the density of a step in basis points: lower is better.',
  isReported: true,
  settings: z.strictObject({}),
  build: (_scope, process, target) => {
    const moves = movesOf('steps', target)
    const { variances, means: drift } = momentsOf(process, moves)
    const { base, scales, means, weights } = normalMixture(process, variances, drift)
    const rows = unsqueeze(moves.real, [1])
    const centred = means === undefined ? rows : subtract(rows, means)
    const sd = sqrt(multiply(base, scales))
    const { tails } = process
    const density = tails.kind === 'normal' ? normalLogDensity(centred, sd) : studentDensity(tails.degreesOfFreedom)
    return times(meanOfKnown(logSumExp(add(density, log(weights)), 1), moves.known), -1)

    function studentDensity(degreesOfFreedom: Value): Value {
      const freedom = unsqueeze(degreesOfFreedom, [2])
      const scale = studentScale(sd, freedom)
      return subtract(studentLogDensity(divide(centred, scale), studentFacts(freedom)), log(scale))
    }
  },
})

function normalLogDensity(value: Value, sd: Value): Value {
  const z = divide(value, sd)
  return plus(subtract(times(multiply(z, z), -0.5), log(sd)), -0.5 * Math.log(2 * Math.PI))
}
