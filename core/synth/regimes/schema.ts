import { z } from 'zod'
import { dayMs } from '#core/base/time/units'
import type { RulesForm } from './definition.ts'
import { parseInstantMs } from './instant.ts'
import type { EffectiveInstant } from './regime.ts'

/** The written form of a regime, as strict schemas: one for a file, one for the merged whole. */

const asset = z.string().regex(/^[A-Z0-9]{2,12}$/, 'an asset is named by 2 to 12 capitals and digits')
const assets = z.array(asset).min(1, 'name at least one asset')
const positive = z.number().positive()
const wholeSeconds = z.int().positive()
const fraction = z.strictObject({ numerator: positive, denominator: positive })
const instantText = z
  .string()
  .refine((text) => parseInstantMs(text) !== undefined, 'write a UTC instant such as 2026-09-22T00:00:00Z')

export const effectiveInstantForm = z
  .strictObject({
    at: instantText,
    certainty: z.enum(['exact', 'day', 'estimated']),
    earliest: instantText.exactOptional(),
    latest: instantText.exactOptional(),
  })
  .superRefine(checkBounds)
  .meta({ id: 'EffectiveInstant' })

/** A text is enough: an instant is exact, a date is a day whose hour is not known. */
export const effectiveInstant = z.preprocess(
  (value) =>
    typeof value !== 'string'
      ? value
      : /^\d{4}-\d{2}-\d{2}$/.test(value)
        ? { at: `${value}T00:00:00Z`, certainty: 'day' }
        : { at: value, certainty: 'exact' },
  effectiveInstantForm,
)

function checkBounds(instant: EffectiveInstant, context: z.RefinementCtx): void {
  const { at, certainty, earliest, latest } = instant
  const say = (message: string): void => context.addIssue({ code: 'custom', message })
  if (certainty !== 'estimated') {
    if (earliest !== undefined || latest !== undefined)
      say(`bounds are allowed with "estimated", not with "${certainty}"`)
    if (certainty === 'day' && (parseInstantMs(at) ?? 0) % dayMs !== 0) say('a day begins at 00:00 UTC')
    return
  }
  if (earliest === undefined) {
    say('an estimated instant needs "earliest", and "latest" if the rule has been seen')
    return
  }
  const [low, middle] = [parseInstantMs(earliest), parseInstantMs(at)]
  const high = latest === undefined ? Number.POSITIVE_INFINITY : parseInstantMs(latest)
  if (low === undefined || middle === undefined || high === undefined) return
  if (low > middle || middle > high) say('"earliest", "at" and "latest" must be in this order')
}

const interval = z.strictObject({ name: z.string().min(1), seconds: wholeSeconds }).meta({ id: 'ScoringInterval' })
const volatilityBlock = z
  .strictObject({
    name: z.string().min(1),
    seconds: wholeSeconds,
    weightNumerator: positive,
    weightDenominator: positive,
  })
  .meta({ id: 'VolatilityBlock' })

const competition = z
  .strictObject({
    label: z.string().min(1),
    slug: z.string().min(1).nullable(),
    assets,
    timeLengthSeconds: wholeSeconds,
    timeIncrementSeconds: wholeSeconds,
    intervals: z.array(interval).min(1, 'name at least one interval'),
    volatilityBlocks: z.array(volatilityBlock),
    windowDays: positive,
    beta: z.number().negative('beta is below 0: a lower score earns more'),
    coefficient: fraction,
  })
  .meta({ id: 'CompetitionRules' })

const external = z
  .strictObject({
    label: z.string().min(1),
    assets,
    timeLengthSeconds: wholeSeconds,
    timeIncrementSeconds: wholeSeconds,
    windowDays: positive,
    beta: z.number().negative('beta is below 0: a lower score earns more'),
    coefficient: fraction,
    minParticipants: z.int().positive().nullable(),
    maxParticipants: z.int().positive().nullable(),
    zeroScore: z.enum(['winner', 'dropped']),
    degenerate: z.enum(['skip', 'keep']),
    activation: z.enum(['validatorSetting']),
  })
  .meta({ id: 'ExternalCompetition' })

const lane = z.strictObject({
  assets,
  intervalMinutes: z.union([positive, z.strictObject({ min: positive, max: positive })], {
    error: 'write minutes above 0, or both bounds as {min, max}',
  }),
  offsetMinutes: z.int().nonnegative().nullable(),
})

const profile = z
  .strictObject({
    assets,
    timeLengthSeconds: wholeSeconds,
    timeIncrementSeconds: wholeSeconds,
    pathCount: z.int().positive(),
    extraSeconds: z.int().nonnegative(),
    usualAnswerSeconds: positive.nullable(),
    advisedAnswerSeconds: positive.nullable(),
    lanes: z.array(lane).min(1, 'name at least one lane'),
    thinning: z
      .strictObject({
        afterMinutes: positive,
        bucketSeconds: wholeSeconds,
        keeper: z.enum(['minId', 'saltedHash']),
      })
      .nullable(),
    retentionDays: positive.nullable(),
  })
  .meta({ id: 'PromptProfile' })

const venue = z.enum(['pythBenchmarks', 'pythPro', 'binanceSpot', 'hyperliquidSpot', 'hyperliquidPerp'])
const rounding = z.enum(['float64', 'float32'])

const clip = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('p90') }),
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('medianMultiple'), multiple: positive }),
])

export const rulesForm = z.strictObject({
  route: z.enum(['byLength', 'byLengthAndAsset']),
  competitions: z.record(z.string().min(1), competition),
  promptProfiles: z.record(z.string().min(1), profile),
  access: z
    .strictObject({
      minValidatorStake: z.number().nonnegative(),
      permit: z.enum(['required', 'optional']),
      signature: z.enum(['required', 'optional']),
      validatorAddresses: z.array(z.union([z.ipv4(), z.ipv6()], { error: 'write an IP address' })),
    })
    .meta({ id: 'Access' }),
  answerRule: z.enum(['chars8', 'sigDigits8']),
  answerOrder: z.enum(['pathByPath', 'shapesFirst']),
  answerLateness: z.enum(['rejectedAfterStart', 'notChecked']),
  storage: z.strictObject({ rounding, alternatives: z.array(rounding) }),
  gapMode: z.enum(['ordinary', 'firstChange']),
  totalScore: z.enum(['price', 'pricePlusVol']),
  nonFinite: z.enum(['nanOnly', 'all']),
  detailRows: z.enum(['increments', 'totals', 'totalsGapsFolded']),
  promptScore: z.strictObject({ clip, fill: z.enum(['p90', 'p95', 'p95Unclipped']) }).meta({ id: 'ClipAndFill' }),
  settlement: z
    .strictObject({
      gateSeconds: z.int().nonnegative(),
      witnessSeconds: wholeSeconds.nullable(),
      grid: z.enum(['exact', 'packed']),
      lastPrice: z.enum(['required', 'optional']),
    })
    .meta({ id: 'Settlement' }),
  priceSources: z.record(
    asset,
    z
      .strictObject({
        venue,
        symbol: z.string().min(1),
        endpoint: z.enum(['tradingViewHistory', 'klines', 'candleSnapshot']),
        alternatives: z.array(venue),
        until: effectiveInstant.nullable(),
      })
      .meta({ id: 'PriceSource' }),
  ),
  assetCoefficients: z.strictObject({
    byAsset: z.record(
      asset,
      z.union([positive, z.literal('unknown')], { error: 'write a number above 0, or unknown' }),
    ),
    otherAssets: positive,
  }),
  average: z.strictObject({
    newestRowLagSeconds: z.number().nonnegative(),
    percentileField: z.enum(['percentile90', 'percentile95']),
    tieRule: z.enum(['firstRow']),
  }),
  external: z.record(z.string().min(1), external),
  owner: z.enum(['equalToSum', 'none']),
}) satisfies z.ZodType<RulesForm>

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'write letters, digits, ".", "_" and "-"')

/** The fields of a definition beside the rules. */
export const regimeHeader = z.strictObject({
  id: id.exactOptional(),
  extends: id.exactOptional(),
  amends: id.exactOptional(),
  aliases: z.array(id).exactOptional(),
  summary: z.string().min(1).exactOptional(),
  source: z
    .strictObject({ repository: z.string(), evidence: z.string(), commits: z.array(z.string()) })
    .exactOptional(),
  effective: z
    .strictObject({
      promptFrom: effectiveInstant.exactOptional(),
      answerFrom: effectiveInstant.exactOptional(),
      scoreFrom: effectiveInstant.exactOptional(),
      averageFrom: effectiveInstant.exactOptional(),
    })
    .exactOptional(),
  gaps: z
    .array(z.strictObject({ path: z.string(), kind: z.enum(['unknown', 'assumed']), note: z.string().min(1) }))
    .exactOptional(),
  settles: z.array(z.string()).exactOptional(),
})

/** Every object at every depth with all its fields optional: the form of a change. */
function patchOf(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [
      name,
      patchOf(field as z.ZodType).exactOptional(),
    ])
    return z.strictObject(Object.fromEntries(fields))
  }
  if (schema instanceof z.ZodRecord) {
    return z.record(schema.keyType as z.ZodString, patchOf(schema.valueType as z.ZodType))
  }
  if (schema instanceof z.ZodNullable) return patchOf(schema.unwrap() as z.ZodType).nullable()
  return schema
}

export const regimePatch = z.strictObject({
  ...regimeHeader.shape,
  ...(patchOf(rulesForm) as z.ZodObject).shape,
})

/** The schema of what is under one name, without wrappers. */
export function schemaBelow(schema: z.ZodType, name: PropertyKey): z.ZodType | undefined {
  const plain = unwrap(schema)
  if (plain instanceof z.ZodObject) return plain.shape[String(name)] as z.ZodType | undefined
  if (plain instanceof z.ZodRecord) return plain.valueType as z.ZodType
  if (plain instanceof z.ZodArray) return plain.element as z.ZodType
  return undefined
}

export function isNamedMap(schema: z.ZodType): boolean {
  return unwrap(schema) instanceof z.ZodRecord
}

/** The names that an object may have; none if any name is allowed. */
export function fieldNames(schema: z.ZodType): string[] {
  const plain = unwrap(schema)
  if (plain instanceof z.ZodObject) return Object.keys(plain.shape)
  if (plain instanceof z.ZodUnion) {
    return [...new Set(plain.options.flatMap((option) => fieldNames(option as z.ZodType)))]
  }
  return []
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) {
    return unwrap(schema.unwrap() as z.ZodType)
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.out as z.ZodType) : schema
}
