import { z } from 'zod'
import { bytes, filePath } from '#core/base/config/fields'
import { modelsConfigFields } from '#core/forecast/models/models-config'
import { MarketConfig } from '#core/market/board/market-config'
import { recorderConfigFields } from '#core/market/minutes/recorder-config'
import { governanceConfigFields } from '../governance/governance-config.ts'

/** Sections that both programs read from the one configuration file. */
export const sharedSections = {
  log: z
    .strictObject({
      level: z
        .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
        .default('info')
        .describe('Lines below this level are not written'),
      file: filePath().optional().describe("File for the miner's lines; without it they go to standard output"),
      maxBytes: bytes()
        .min(100_000)
        .default(50_000_000)
        .describe('Size at which log.file is set aside as log.file.1, and a new one begun'),
      keepFiles: z.int().min(1).max(100).default(5).describe('Files set aside that are kept'),
    })
    .prefault({}),
  db: z
    .strictObject({
      path: filePath().default('data/miner.sqlite').describe('The database that daemon and tuner share'),
    })
    .prefault({}),
  regimes: z
    .strictObject({
      file: filePath().optional().describe('A YAML file with your own regimes, for rules newer than this release'),
    })
    .prefault({}),
  recorder: z.strictObject(recorderConfigFields).prefault({}),
  market: MarketConfig.prefault({}),
  governance: z.strictObject(governanceConfigFields).prefault({}),
  models: z.strictObject(modelsConfigFields).prefault({}),
}

/** Sections of one program only; the other program ignores them in the shared file. */
export const daemonSections = [
  'wallet',
  'chain',
  'axon',
  'auth',
  'admission',
  'synth',
  'journal',
  'tuning',
  'health',
] as const
export const tunerSections = ['shadow'] as const
