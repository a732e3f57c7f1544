import { z } from 'zod'
import { MarketConfig } from '../market/config.ts'
import { recorderConfigFields } from '../minutes/recorder-config.ts'
import { filePath } from './fields.ts'

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
}

/** Sections of one program only; the other passes over them in the shared file. */
export const daemonSections = ['wallet', 'chain', 'axon', 'auth', 'admission', 'synth', 'journal', 'health'] as const
export const tunerSections = [] as const
