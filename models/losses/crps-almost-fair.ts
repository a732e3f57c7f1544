import { z } from 'zod'
import { defineLoss } from '#models/registry/component'
import { pathCrps } from '#models/scoring/path-crps'
import { alphaSetting, ofSetting, pathsSetting } from '#models/scoring/targets'

export default defineLoss({
  name: 'crps_almost_fair',
  description: 'The mean CRPS in basis points of drawn paths, nearly without the bias of their small number.',
  settings: z.strictObject({
    of: ofSetting('intervals'),
    paths: pathsSetting,
    alpha: alphaSetting(0.95),
  }),
  build: pathCrps,
})
