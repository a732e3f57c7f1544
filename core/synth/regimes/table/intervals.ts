import type { ScoringInterval, VolatilityBlock } from '../regime.ts'

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
  { name: '0_5min_gaps', seconds: 300 },
  { name: '0_10min_gaps', seconds: 600 },
  { name: '0_15min_gaps', seconds: 900 },
  { name: '0_20min_gaps', seconds: 1200 },
  { name: '0_25min_gaps', seconds: 1500 },
  { name: '0_30min_gaps', seconds: 1800 },
  { name: '0_35min_gaps', seconds: 2100 },
  { name: '0_40min_gaps', seconds: 2400 },
  { name: '0_45min_gaps', seconds: 2700 },
  { name: '0_50min_gaps', seconds: 3000 },
  { name: '0_55min_gaps', seconds: 3300 },
  { name: '0_60min_gaps', seconds: 3600 },
]

/** The published lambda is 5.25. Three block sizes share it, and the blocks of an hour share the part of their size. */
export const hourVolatilityBlocks: readonly VolatilityBlock[] = [
  { name: 'vol_60min', seconds: 3600, weightNumerator: 5.25, weightDenominator: 3 },
  { name: 'vol_15min', seconds: 900, weightNumerator: 5.25, weightDenominator: 12 },
  { name: 'vol_5min', seconds: 300, weightNumerator: 5.25, weightDenominator: 36 },
]
