import { z } from 'zod'
import { port } from '#core/base/config/fields'
import { sharedSections } from '#core/tuning/settings/shared-sections'
import { axonConfigFields } from './axon/config.ts'
import { chainConfigFields } from './chain/config.ts'
import { journalConfigFields } from './journal/config.ts'
import { volatilityConfigFields } from './state/config.ts'
import { retentionConfigFields } from './store/config.ts'
import { synthConfigFields } from './subnets/synth/config.ts'
import { tuningConfigFields } from './tuning/config.ts'
import { walletConfigFields } from './wallet/config.ts'

export const DaemonConfig = z.strictObject({
  ...sharedSections,
  wallet: z.strictObject(walletConfigFields).prefault({}),
  chain: z.strictObject(chainConfigFields).prefault({}),
  ...axonConfigFields,
  ...synthConfigFields,
  ...journalConfigFields,
  ...volatilityConfigFields,
  ...retentionConfigFields,
  ...tuningConfigFields,
  health: z
    .strictObject({
      host: z
        .string()
        // An empty host would listen on every address.
        .min(1)
        .default('127.0.0.1')
        .describe('Address of the health page; it is for the operator, not for the network'),
      port: port().default(8092).describe('Port of the health page; 0 uses any free one'),
    })
    .prefault({}),
})

export type DaemonConfig = z.output<typeof DaemonConfig>
