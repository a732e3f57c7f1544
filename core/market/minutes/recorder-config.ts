import { z } from 'zod'

/** The assets that the network asks for today. */
export const recordedAssets = [
  'BTC',
  'ETH',
  'SOL',
  'XRP',
  'HYPE',
  'XAU',
  'SP500',
  'NVDAX',
  'GOOGLX',
  'TSLAX',
  'AAPLX',
  'WTIOIL',
  'SPCX',
]

/** The section `recorder`: the daemon records these assets, the tuner shows and fills them. */
export const recorderConfigFields = {
  enabled: z.boolean().default(true).describe('Record the one-minute closes of every asset from the first start'),
  assets: z
    .array(z.string().min(1))
    .default([...recordedAssets])
    .describe('Which assets; each is recorded from the venue that the validator scores it from'),
  fillDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('How far back missing minutes are fetched, if the venue still has them'),
}
