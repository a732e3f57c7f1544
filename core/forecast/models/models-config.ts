import { z } from 'zod'
import { filePath, ms } from '#core/base/config/fields'

/** The section `models`: both programs read model files. */
export const modelsConfigFields = {
  parametersDir: filePath()
    .optional()
    .describe(
      'Folder of your own calibrated parameter sets ("tuner calibrate --out"); they are used before the published ones',
    ),
  dir: filePath()
    .optional()
    .describe('A folder with models, each in a folder of its name with manifest.json; see models/README.md'),
  components: z
    .array(filePath())
    .default([])
    .describe('Folders with your own blocks, heads, losses and features for recipes of models; see models/README.md'),
  servers: z
    .array(z.string().refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'an http address'))
    .default([])
    .describe(
      'Where else than on this machine a model may be another process, such as http://10.0.0.5:9000: a manifest with the url of another host is refused',
    ),
  deadlineMs: ms()
    .min(10)
    .max(10_000)
    .default(2_000)
    .describe('Longest run of a model of models.dir; one that takes longer is stopped and another model answers'),
  largestSdRatio: z
    .number()
    .min(1.1)
    .default(4)
    .describe('How many times more or less volatility than the calibrated model a model of models.dir may forecast'),
}
