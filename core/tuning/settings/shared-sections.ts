import { z } from 'zod'
import { filePath } from '#core/base/config/fields'
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
        .describe('The least serious lines that are still written'),
    })
    .prefault({}),
  db: z
    .strictObject({
      path: filePath().default('data/miner.sqlite').describe('The database that daemon and tuner share'),
    })
    .prefault({}),
  regimes: z
    .strictObject({
      file: filePath().optional().describe('A YAML file with regimes of your own, for rules newer than this release'),
    })
    .prefault({}),
  recorder: z.strictObject(recorderConfigFields).prefault({}),
  market: MarketConfig.prefault({}),
  governance: z.strictObject(governanceConfigFields).prefault({}),
  models: z.strictObject(modelsConfigFields).prefault({}),
}

/** Sections of one program only; the other passes over them in the shared file. */
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
export const tunerSections = [] as const
