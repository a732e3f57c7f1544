import { z } from 'zod'
import { defineLoss } from '#models/registry/component'
import { mixtureCrps } from '#models/scoring/closed-crps'
import { normalMixture } from '#models/scoring/normal-mixture'
import { meanOfKnown, momentsOf, movesOf, needNormalTails, ofSetting } from '#models/scoring/targets'

export default defineLoss({
  name: 'crps_mixture',
  description:
    'The mean CRPS in basis points, in closed form, of normal moves with several parts or an uncertain level.',
  settings: z.strictObject({ of: ofSetting('steps') }),
  build: (_scope, process, target, { of }) => {
    needNormalTails('crps_mixture', process)
    const moves = movesOf(of, target)
    const { variances, means } = momentsOf(process, moves)
    return meanOfKnown(mixtureCrps(moves.real, normalMixture(process, variances, means)), moves.known)
  },
})
