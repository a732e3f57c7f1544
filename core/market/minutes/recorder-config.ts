import { z } from 'zod'
import { askedAssets } from '#core/synth/regimes/asset-table'
import type { RegimeBook } from '#core/synth/regimes/book'

/** The section `recorder`: the daemon records these assets, the tuner shows and fills them. */
export const recorderConfigFields = {
  enabled: z.boolean().default(true).describe('Record the one-minute closes of every asset from the first start'),
  assets: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Which assets; by default all that the rules ask for, regimes.file included; each is recorded from the venue that the validator scores it from',
    ),
  fillDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('How far back missing minutes are fetched, if the venue still has them'),
}

/** Those that the operator names, else all that the rules ask for. */
export function recordedAssets(
  { assets }: { readonly assets?: readonly string[] | undefined },
  book: RegimeBook,
): readonly string[] {
  return assets ?? askedAssets(book)
}
