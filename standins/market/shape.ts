import { z } from 'zod'

const address = z.strictObject({ baseUrl: z.string() })

/** One line: the program that started it reads this and continues. */
export const DevMarketShape = z.strictObject({
  url: z.string(),
  startAt: z.iso.datetime(),
  speed: z.number(),
  assets: z.array(z.string()),
  faults: z.int(),
  market: z
    .strictObject({
      binance: address,
      hyperliquid: address,
      pythHermes: address,
      pythBenchmarks: address,
      pythPro: address,
      synthApi: z.strictObject({ baseUrl: z.string(), monitoringUrl: z.string() }),
      coingecko: address,
    })
    .describe('the section "market" of the configuration'),
})
