import { z } from 'zod'
import { subtract } from '#models/graph/arithmetic'
import { defineLoss, FitError } from '#models/registry/component'
import { studentCrps } from '#models/scoring/closed-crps'
import { meanOfKnown, momentsOf, movesOf } from '#models/scoring/targets'

export default defineLoss({
  name: 'crps_student_t',
  description: 'The mean CRPS of single steps in basis points, in closed form, of Student-t steps.',
  settings: z.strictObject({}),
  build: (_scope, process, target) => {
    const { tails, weights, levelLogSd } = process
    if (tails.kind !== 'student') throw new FitError('crps_student_t is for tails student; use crps_gaussian')
    if (weights !== undefined || levelLogSd !== undefined) {
      throw new FitError('crps_student_t is for one part without level; use crps_almost_fair or validator')
    }
    const moves = movesOf('steps', target)
    const { variances, means } = momentsOf(process, moves)
    const value = means === undefined ? moves.real : subtract(moves.real, means)
    return meanOfKnown(studentCrps(value, variances, tails.degreesOfFreedom), moves.known)
  },
})
