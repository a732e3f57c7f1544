import { z } from 'zod'

/** The section `volatility` of the daemon. */
export const volatilityConfigFields = {
  volatility: z
    .strictObject({
      storeEverySeconds: z
        .int()
        .min(60)
        .max(300)
        .default(60)
        .describe('How often changed volatility states are stored; what a kill loses is rebuilt from the minutes'),
    })
    .prefault({}),
}
