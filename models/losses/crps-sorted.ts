import { z } from 'zod'
import { defineLoss } from '#models/registry/component'
import { pathCrps } from '#models/scoring/path-crps'
import { ofSetting, pathsSetting } from '#models/scoring/targets'

export default defineLoss({
  name: 'crps_sorted',
  description: 'The mean CRPS in basis points of the drawn paths as they are: few paths look worse than many.',
  settings: z.strictObject({ of: ofSetting('intervals'), paths: pathsSetting }),
  build: (scope, process, target, settings) => pathCrps(scope, process, target, { ...settings, alpha: 0 }),
})
