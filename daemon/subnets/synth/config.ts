import { z } from 'zod'
import { ms } from '#core/base/config/fields'
import type { Netuids } from '#core/bittensor/chain/networks'

/** Where Synth runs, unless the operator names another subnet in `chain.netuid`. */
export const synthNetuids: Netuids = { finney: 50, test: 247, local: 50 }

const count = () => z.int().min(1)

/** Section of the daemon's schema that the synth module reads. */
export const synthConfigFields = {
  synth: z
    .strictObject({
      maxPaths: count().default(1_000).describe('Most paths that one prompt may ask for'),
      maxLengthSeconds: count().default(604_800).describe('Longest period that one prompt may ask for'),
      maxPoints: count().default(300_000).describe('Most prices, over all paths, that one prompt may ask for'),
      maxStartAheadMs: ms().default(3_600_000).describe('How far ahead the start of a forecast may be'),
      maxStartBehindMs: ms().default(5_000).describe('How far in the past the start of a forecast may be'),
      answerCacheBytes: count().default(24_000_000).describe('Memory for answers that are reused for equal prompts'),
      answerCacheMs: ms().default(30_000).describe('How long an answer is reused for equal prompts'),
      computeTimeoutMs: ms().default(10_000).describe('Longest computation of one forecast'),
      safetyMarginMs: ms()
        .default(3_000)
        .describe('How long before the start of its forecast an answer should be sent'),
      journalWaitMs: ms()
        .default(2_000)
        .describe('Longest wait for the record of an answer to be on disk; then it is sent unrecorded'),
      path0: z
        .enum(['model', 'flat', 'stochastic'])
        .default('model')
        .describe('First path of every answer: flat never moves; model: as its model has it, flat for seed only'),
      champions: z
        .record(z.string(), z.strictObject({ low: z.string().optional(), high: z.string().optional() }))
        .default({})
        .describe(
          'By address of a hotkey: its own model for 24h (low) and 1h (high) prompts, instead of the approved champion',
        ),
      prepareAhead: z.boolean().default(true).describe('Draw the paths of likely prompts ahead'),
      prepareAheadBytes: count().default(16_000_000).describe('Memory for paths that are drawn ahead'),
      workers: count().default(1).describe('Threads that compute forecasts'),
    })
    .prefault({}),
}

const SynthConfig = z.strictObject(synthConfigFields)

export type SynthConfig = z.output<typeof SynthConfig>['synth']

export function defaultSynthConfig(): SynthConfig {
  return SynthConfig.parse({}).synth
}
