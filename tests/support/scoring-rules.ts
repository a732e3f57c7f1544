/** Intervals and blocks in the shape of the live ones, for tests and benches of the arithmetic. */
import type { ScoringInterval, VolatilityBlock } from '#core/synth/regimes/regime'

export const dayIntervals: readonly ScoringInterval[] = [
  { name: '5min', seconds: 300 },
  { name: '30min', seconds: 1800 },
  { name: '3hour', seconds: 10_800 },
  { name: '24hour_abs', seconds: 86_400 },
]

export const hourIntervals: readonly ScoringInterval[] = [
  { name: '1min', seconds: 60 },
  { name: '2min', seconds: 120 },
  { name: '5min', seconds: 300 },
  { name: '15min', seconds: 900 },
  { name: '30min', seconds: 1800 },
  { name: '60min_abs', seconds: 3600 },
  ...Array.from({ length: 12 }, (_, i) => ({ name: `0_${5 * (i + 1)}min_gaps`, seconds: 300 * (i + 1) })),
]

export const hourBlocks: readonly VolatilityBlock[] = [
  { name: 'vol_60min', seconds: 3600, weightNumerator: 5.25, weightDenominator: 3 },
  { name: 'vol_15min', seconds: 900, weightNumerator: 5.25, weightDenominator: 12 },
  { name: 'vol_5min', seconds: 300, weightNumerator: 5.25, weightDenominator: 36 },
]
