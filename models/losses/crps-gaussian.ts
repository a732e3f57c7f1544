import { z } from 'zod'
import { subtract } from '#models/graph/arithmetic'
import { defineLoss, FitError } from '#models/registry/component'
import { normalCrps } from '#models/scoring/closed-crps'
import { meanOfKnown, momentsOf, movesOf, needNormalTails, ofSetting } from '#models/scoring/targets'

export default defineLoss({
  name: 'crps_gaussian',
  description: 'The mean CRPS in basis points, in closed form, of normal moves without parts and without level.',
  settings: z.strictObject({ of: ofSetting('steps') }),
  build: (_scope, process, target, { of }) => {
    needNormalTails('crps_gaussian', process)
    if (process.weights !== undefined || process.levelLogSd !== undefined) {
      throw new FitError('crps_gaussian is for one part without level; use crps_mixture')
    }
    const moves = movesOf(of, target)
    const { variances, means } = momentsOf(process, moves)
    const value = means === undefined ? moves.real : subtract(moves.real, means)
    return meanOfKnown(normalCrps(value, variances), moves.known)
  },
})
