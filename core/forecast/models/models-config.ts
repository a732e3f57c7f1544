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
    .describe('A folder with ONNX models, each in a folder of its name with manifest.json; see models/README.md'),
  deadlineMs: ms()
    .min(10)
    .max(10_000)
    .default(2_000)
    .describe('Longest run of an ONNX model; one that takes longer is killed and another model answers'),
  largestSdRatio: z
    .number()
    .min(1.1)
    .default(4)
    .describe('How many times more or less volatility than the calibrated model an ONNX model may forecast'),
}
