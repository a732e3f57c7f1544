import { z } from 'zod'
import { Instant } from '#core/base/json/shape-parts'
import { effectiveInstantForm, rulesForm } from '#core/synth/regimes/schema'

const rules = rulesForm.shape
const competition = rules.competitions.valueType
const profile = rules.promptProfiles.valueType
const Gap = z
  .strictObject({
    path: z.string().describe('the field that it is about'),
    kind: z.enum(['unknown', 'assumed']),
    note: z.string(),
  })
  .meta({ id: 'RuleGap' })

const head = {
  id: z.string(),
  aliases: z.array(z.string()),
  origin: z.enum(['builtIn', 'amended', 'operator']),
  extends: z.string().nullable(),
  summary: z.string(),
  source: z.strictObject({ repository: z.string(), evidence: z.string(), commits: z.array(z.string()) }),
  effective: z.strictObject({
    promptFrom: effectiveInstantForm.optional(),
    answerFrom: effectiveInstantForm.optional(),
    scoreFrom: effectiveInstantForm.optional(),
    averageFrom: effectiveInstantForm.optional(),
  }),
  gaps: z.array(Gap).describe('what is unknown, or only assumed'),
}

export const RegimesListShape = z.strictObject({ regimes: z.array(z.strictObject(head)) })

/** The rules themselves are in the form of a regime file. */
export const RegimesShowShape = z.strictObject({ ...head, ...rules })

const decided = {
  decision: z
    .strictObject({
      regimeId: z.string(),
      isCertain: z.boolean().describe('false: the date is within the bounds of a change that is not exactly known'),
      candidates: z.array(z.string()).describe('the regimes that may be effective'),
      basis: z.enum(['date', 'override', 'prediction']),
    })
    .meta({ id: 'Decision' }),
  gaps: z.array(Gap),
}
const priceSource = rules.priceSources.valueType
const route = {
  key: z.string(),
  label: z.string(),
  slug: z.string().nullable().describe("the public API's name"),
  timeLengthSeconds: z.int(),
  timeIncrementSeconds: z.int(),
}
const { intervals, volatilityBlocks, windowDays, beta, coefficient } = competition.shape
const assets = z.array(z.string())
const external = z.array(z.strictObject({ key: z.string(), ...rules.external.valueType.shape }))
const answer = z
  .strictObject({
    ...decided,
    answerRule: rules.answerRule,
    answerOrder: rules.answerOrder,
    answerLateness: rules.answerLateness,
    storage: rules.storage,
  })
  .meta({ id: 'AnswerRules' })
const promptScoring = {
  gapMode: rules.gapMode,
  totalScore: rules.totalScore,
  nonFinite: rules.nonFinite,
  promptScore: rules.promptScore,
  settlement: rules.settlement,
}

export const RegimesAtShape = z.strictObject({
  at: Instant,
  prompt: z.strictObject({
    ...decided,
    promptProfiles: z.array(z.strictObject({ label: z.string(), ...profile.shape })),
    access: rules.access,
    answer,
  }),
  scoring: z.strictObject({
    ...decided,
    route: rules.route,
    competitions: z.array(z.strictObject({ ...route, assets, intervals, volatilityBlocks })),
    ...promptScoring,
    detailRows: rules.detailRows,
    priceSources: rules.priceSources,
  }),
  average: z.strictObject({
    ...decided,
    route: rules.route,
    competitions: z.array(z.strictObject({ ...route, assets, windowDays, beta, coefficient })),
    assetCoefficients: rules.assetCoefficients,
    average: rules.average,
    external,
    owner: rules.owner,
  }),
})

/** With --asset and --length. */
export const RegimesAtPredictionShape = z.strictObject({
  asset: z.string(),
  timeLengthSeconds: z.int(),
  startAt: Instant,
  regime: z.string().nullable().describe('null: the rules of the date'),
  prompt: z.strictObject({
    ...decided,
    profile: z.strictObject({ label: z.string(), ...profile.shape }),
    access: rules.access,
  }),
  answer,
  scoring: z.strictObject({
    ...decided,
    ...promptScoring,
    competition: z.strictObject({ ...route, intervals, volatilityBlocks }),
    priceSource,
    scoringAt: Instant.describe('when the validator first tries'),
  }),
  average: z.strictObject({
    ...decided,
    competition: z.strictObject({
      key: z.string(),
      label: z.string(),
      slug: z.string().nullable(),
      windowDays,
      beta,
      coefficient,
    }),
    assetCoefficient: z.union([z.number(), z.literal('unknown')]),
    average: rules.average,
    external,
    owner: rules.owner,
  }),
})
