import { z } from 'zod'
import { filePath } from '#core/config/fields'

/** Section of the daemon's schema about models and their numbers. */
export const modelsConfigFields = {
  models: z
    .strictObject({
      parametersDir: filePath()
        .optional()
        .describe(
          'Folder of your own calibrated parameter sets ("tuner calibrate --out"); they win over the published',
        ),
    })
    .prefault({}),
}
