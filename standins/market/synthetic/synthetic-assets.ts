import { dayMinutes } from '#core/base/time/units'

/**
 * The parameters of the simulated market. They are round numbers near those of real minutes (two years of crypto on
 * Binance, months of gold, oil and shares as round-the-clock perpetuals), not a fit. Tests keep the resulting
 * statistics within stated bounds.
 */
export type SyntheticGroup = 'crypto' | 'equity' | 'metal' | 'energy'
export type RhythmName = 'crypto' | 'usSession' | 'metal' | 'energy'

export interface SyntheticAsset {
  readonly name: string
  readonly group: SyntheticGroup
  readonly rhythm: RhythmName
  readonly startPrice: number
  /** Digits after the point. Prices are rounded to them, which also makes the zero returns of a real tick size. */
  readonly priceDecimals: number
  /** Root mean square of one-minute returns over whole weeks, in basis points, without jumps. */
  readonly minuteVolBps: number
  /**
   * Share of each shock that all assets have in common, and share that the group has in common; the rest is the asset's
   * own.
   */
  readonly globalLoading: number
  readonly groupLoading: number
  /** Chance that a minute of average activity has no trade, and so no candle; quiet hours have more such minutes. */
  readonly quietMinuteChance: number
}

export interface SyntheticGroupParameters {
  /** Log-volatility is the sum of two mean-reverting parts; each has a common part of the group and one of the asset. */
  readonly slowLogVol: number
  readonly slowHalfLifeMinutes: number
  readonly fastLogVol: number
  readonly fastHalfLifeMinutes: number
  /** Share of the variance of log-volatility that the assets of the group have in common. */
  readonly sharedVol: number
  /** Jumps a day that hit the whole group, and one asset alone. */
  readonly groupJumpsPerDay: number
  readonly ownJumpsPerDay: number
  /** Standard deviation of a jump, in volatilities of its minute; sizes are Laplace. */
  readonly jumpVols: number
}

export const syntheticGroups: Readonly<Record<SyntheticGroup, SyntheticGroupParameters>> = {
  crypto: {
    slowLogVol: 0.32,
    slowHalfLifeMinutes: 3 * dayMinutes,
    fastLogVol: 0.38,
    fastHalfLifeMinutes: 60,
    sharedVol: 0.75,
    groupJumpsPerDay: 1,
    ownJumpsPerDay: 1,
    jumpVols: 7,
  },
  equity: {
    slowLogVol: 0.28,
    slowHalfLifeMinutes: 4 * dayMinutes,
    fastLogVol: 0.34,
    fastHalfLifeMinutes: 60,
    sharedVol: 0.6,
    groupJumpsPerDay: 0.6,
    ownJumpsPerDay: 1,
    jumpVols: 7,
  },
  metal: {
    slowLogVol: 0.36,
    slowHalfLifeMinutes: 4 * dayMinutes,
    fastLogVol: 0.4,
    fastHalfLifeMinutes: 90,
    sharedVol: 0,
    groupJumpsPerDay: 0,
    ownJumpsPerDay: 1.5,
    jumpVols: 7,
  },
  energy: {
    slowLogVol: 0.36,
    slowHalfLifeMinutes: 4 * dayMinutes,
    fastLogVol: 0.38,
    fastHalfLifeMinutes: 60,
    sharedVol: 0,
    groupJumpsPerDay: 0,
    ownJumpsPerDay: 1.5,
    jumpVols: 7,
  },
}

const equity = { group: 'equity', rhythm: 'usSession', globalLoading: 0.5 } as const
const crypto = { group: 'crypto', rhythm: 'crypto', globalLoading: 0.45 } as const

export const syntheticAssets: readonly SyntheticAsset[] = [
  {
    ...crypto,
    name: 'BTC',
    startPrice: 100_000,
    priceDecimals: 2,
    minuteVolBps: 6.2,
    groupLoading: 0.8,
    quietMinuteChance: 0,
  },
  {
    ...crypto,
    name: 'ETH',
    startPrice: 3_500,
    priceDecimals: 2,
    minuteVolBps: 8.8,
    groupLoading: 0.79,
    quietMinuteChance: 0,
  },
  {
    ...crypto,
    name: 'SOL',
    startPrice: 180,
    priceDecimals: 2,
    minuteVolBps: 9.8,
    groupLoading: 0.79,
    quietMinuteChance: 0,
  },
  {
    ...crypto,
    name: 'XRP',
    startPrice: 2.4,
    priceDecimals: 4,
    minuteVolBps: 8.8,
    groupLoading: 0.76,
    quietMinuteChance: 0,
  },
  {
    ...crypto,
    name: 'HYPE',
    startPrice: 40,
    priceDecimals: 3,
    minuteVolBps: 13,
    groupLoading: 0.62,
    quietMinuteChance: 0.004,
  },
  {
    name: 'XAU',
    group: 'metal',
    rhythm: 'metal',
    startPrice: 4_200,
    priceDecimals: 1,
    minuteVolBps: 4.5,
    globalLoading: 0.2,
    groupLoading: 0,
    quietMinuteChance: 0.01,
  },
  {
    ...equity,
    name: 'SP500',
    startPrice: 7_000,
    priceDecimals: 1,
    minuteVolBps: 2.2,
    groupLoading: 0.76,
    quietMinuteChance: 0.01,
  },
  {
    ...equity,
    name: 'NVDAX',
    startPrice: 180,
    priceDecimals: 3,
    minuteVolBps: 4.5,
    groupLoading: 0.6,
    quietMinuteChance: 0.02,
  },
  {
    ...equity,
    name: 'GOOGLX',
    startPrice: 310,
    priceDecimals: 2,
    minuteVolBps: 4,
    groupLoading: 0.52,
    quietMinuteChance: 0.03,
  },
  {
    ...equity,
    name: 'TSLAX',
    startPrice: 400,
    priceDecimals: 2,
    minuteVolBps: 5.5,
    groupLoading: 0.52,
    quietMinuteChance: 0.02,
  },
  {
    ...equity,
    name: 'AAPLX',
    startPrice: 260,
    priceDecimals: 2,
    minuteVolBps: 3.8,
    groupLoading: 0.54,
    quietMinuteChance: 0.03,
  },
  {
    name: 'WTIOIL',
    group: 'energy',
    rhythm: 'energy',
    startPrice: 65,
    priceDecimals: 3,
    minuteVolBps: 6.5,
    globalLoading: 0.1,
    groupLoading: 0,
    quietMinuteChance: 0.01,
  },
  {
    ...equity,
    name: 'SPCX',
    startPrice: 150,
    priceDecimals: 3,
    minuteVolBps: 8,
    groupLoading: 0.35,
    quietMinuteChance: 0.05,
  },
]
