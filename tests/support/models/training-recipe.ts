import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** An hour of a made market, and the smallest model of it. */
const recipe = {
  name: 'mine',
  assets: ['BTC'],
  horizon: 'high',
  grid: { stepSeconds: 60, steps: 60 },
  data: { use: 'mock', days: 30 },
  inputs: {
    ...{ rows: 8, stepSeconds: 60 },
    past: [{ kind: 'logRealizedVariance', minutes: 60 }, { kind: 'daySin' }],
  },
  model: { width: 8, blocks: [{ use: 'linear' }], head: { use: 'vol_term_structure' } },
  loss: { use: 'crps_gaussian' },
  training: { steps: 40, batch: 8, evaluateEvery: 10, checkpointEvery: 10, learningRate: 0.01, warmUp: 5, ema: 0.9 },
  split: { strideMinutes: 127 },
}

/** Writes mine.yaml into the folder. */
export function writeTrainingRecipe(folder: string): void {
  writeFileSync(join(folder, 'mine.yaml'), stringify(recipe))
}
