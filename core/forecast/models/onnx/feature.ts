import { z } from 'zod'
import type { MarketRows } from './market-rows.ts'
import type { MinuteFacts } from './minute-facts.ts'

interface FeatureFacts<Settings extends z.ZodObject> {
  /** As manifests and recipes write it. Its file in models/features has the same name, with dashes. */
  readonly name: string
  /** One sentence for `tuner models list`. */
  readonly description: string
  /** A strict object without `kind`, `mean`, `sd` and `clip`: those belong to every feature. */
  readonly settings: Settings
}

/** Made from the market up to the end of each row's step. */
export interface MarketFeature<Settings extends z.ZodObject = z.ZodObject> extends FeatureFacts<Settings> {
  readonly source: 'market'
  /** What it reads besides the asset's closes. */
  reads?(settings: z.output<Settings>): FeatureReads
  /** How many minutes before the end of a row's step it looks back, the step included. */
  minutes(settings: z.output<Settings>, stepMinutes: number): number
  /** One value for each row; NaN where it is not known. */
  values(settings: z.output<Settings>, rows: MarketRows): ArrayLike<number>
}

/** Known for any instant, so also for the steps ahead. */
export interface TimeFeature<Settings extends z.ZodObject = z.ZodObject> extends FeatureFacts<Settings> {
  readonly source: 'time'
  /** How many minutes before an instant it looks back; absent: it reads the clock alone. */
  minutes?(settings: z.output<Settings>): number
  /** The value at the middle of a step, in the past or ahead; NaN where it is not known. */
  at(settings: z.output<Settings>, middleMs: number, past: PastMinutes): number
}

export interface FeatureReads {
  /** Open, high, low and volume of the asset's minutes. */
  readonly candles?: boolean
  /** Other assets, whose closes it reads. */
  readonly others?: readonly string[]
}

export interface PastMinutes {
  readonly minutes: MinuteFacts
  /** The end of the last minute. */
  readonly endsAtMs: number
}

export type FeatureDefinition = MarketFeature | TimeFeature

/** A feature as a manifest asks for it. */
export interface BoundFeature<Definition extends FeatureDefinition = FeatureDefinition> {
  readonly kind: string
  readonly definition: Definition
  readonly settings: Readonly<Record<string, unknown>>
  /** The value becomes `(value - mean) / sd` and is then limited to `clip` deviations; an unknown one becomes 0. */
  readonly mean: number
  readonly sd: number
  readonly clip: number | undefined
}

export const normalisation = {
  mean: z.number().default(0),
  sd: z.number().positive().default(1),
  clip: z.number().positive().optional(),
}

/** The longest look back of one feature: thirty days. */
const mostMinutes = 43_200

/** The setting of every feature that looks back over a number of minutes. */
export function minutesSetting(what: string): z.ZodInt {
  return z.int().min(1).max(mostMinutes).describe(what)
}

export function defineMarketFeature<Settings extends z.ZodObject>(
  feature: Omit<MarketFeature<Settings>, 'source'>,
): MarketFeature<Settings> {
  return { source: 'market', ...feature }
}

export function defineTimeFeature<Settings extends z.ZodObject>(
  feature: Omit<TimeFeature<Settings>, 'source'>,
): TimeFeature<Settings> {
  return { source: 'time', ...feature }
}

export function readsOf({ definition, settings }: BoundFeature): FeatureReads {
  return definition.source === 'market' ? (definition.reads?.(settings) ?? {}) : {}
}

/** For sentences: the kind with its settings, `logRealizedVariance minutes=30`. */
export function showFeature({ kind, settings }: BoundFeature): string {
  return [kind, ...Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`)].join(' ')
}
