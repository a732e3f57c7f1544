import { z } from 'zod'
import { instantSecondsOf, type PythonDatetime, parsePythonDatetime, utcText } from '#core/base/time/python-datetime'
import {
  answerTimeoutSeconds,
  nextAsset,
  nextCycleDelaySeconds,
  predictionStart,
  profileOfLength,
} from '#core/synth/prompts/cadence'
import { complaintAboutToken } from '#core/synth/scoring/digit-rule'
import { pythonFloatText } from '#core/synth/scoring/python-number'
import { roundToSignificantDigits } from '#tests/support/subnet/reference-rounding'
import { firstDifference } from './compare.ts'
import { competitionOf, vectorRegimes } from './known-regimes.ts'
import { compareAdjusted, compareBlocks, compareChanges, compareSteps } from './path-helpers.ts'
import { caseList, compareCases, defineSuite, expectedError, expectedNumber, vectorNumber } from './suite.ts'

const promptConfig = z.strictObject({
  asset_list: z.array(z.string()),
  label: z.string(),
  time_length: z.number(),
  time_increment: z.number(),
  /** Declared by the validator and read by nothing. */
  initial_delay: z.number(),
  cycle_interval_minutes: z.number(),
  timeout_extra_seconds: z.number(),
  scoring_intervals: z.record(z.string(), z.number()),
  window_days: z.number(),
  softmax_beta: z.number(),
  smoothed_score_coefficient: z.number(),
  num_simulations: z.number(),
  data_retention_days: z.number(),
  thin_after_minutes: z.number(),
  thin_bucket_seconds: z.number(),
})

const schema = z.strictObject({
  round_time_to_minutes: z.array(z.tuple([z.string(), z.number(), z.string()])),
  from_iso_to_unix_time: z.array(z.tuple([z.string(), z.union([z.number(), expectedError])])),
  timeout_from_start_time: z.array(z.tuple([z.string(), z.string(), z.union([z.number(), expectedError])])),
  round_to_8_significant_digits: z.array(z.tuple([z.number(), z.number(), z.boolean()])),
  convert_prices_to_time_format: caseList(
    z.strictObject({
      prices: z.array(z.array(z.number())),
      start_time: z.string(),
      time_increment: z.number(),
      expected: z.union([z.array(z.unknown()), expectedError]),
    }),
  ),
  adjust_predictions: caseList(
    z.strictObject({
      input: z.unknown(),
      expected: z.union([z.array(z.array(expectedNumber)), z.null(), expectedError]),
    }),
  ),
  label_observed_blocks: z.array(z.tuple([z.array(vectorNumber), z.array(z.number())])),
  get_interval_steps: z.array(z.tuple([z.number(), z.number(), z.number()])),
  label_from_time_length: z.array(z.tuple([z.number(), z.union([z.string(), expectedError])])),
  select_asset: z.array(z.tuple([z.string().nullable(), z.array(z.string()), z.string()])),
  select_delay: z.array(
    z.strictObject({
      prompt: z.string(),
      cycle_interval_minutes: z.number(),
      cycle_start: z.string(),
      now: z.string(),
      first_run: z.boolean(),
      expected_delay: z.number(),
    }),
  ),
  price_changes: caseList(
    z.strictObject({
      paths: z.array(z.array(vectorNumber)),
      steps: z.number(),
      absolute: z.boolean(),
      gap: z.boolean(),
      expected: z.union([z.array(z.array(expectedNumber)), expectedError]),
    }),
  ),
  prompt_config: z.record(z.string(), promptConfig),
})

const byInputs = (item: unknown, index: number): string => `${index} ${JSON.stringify(item).slice(0, 60)}`

export const helpers = defineSuite(schema, (document) => {
  const profiles = Object.values(document.prompt_config).map(({ label, time_length }) => ({
    label,
    timeLengthSeconds: time_length,
  }))
  return {
    round_time_to_minutes: compareCases(document.round_time_to_minutes, byInputs, ([now, extraSeconds, expected]) =>
      firstDifference(utcText(predictionStart(instantSecondsOf(timeOf(now)), extraSeconds)), expected),
    ),
    from_iso_to_unix_time: compareCases(document.from_iso_to_unix_time, byInputs, ([text, expected]) =>
      firstDifference(parsePythonDatetime(text)?.wallSeconds ?? { error: 'ValueError' }, expected),
    ),
    timeout_from_start_time: compareCases(document.timeout_from_start_time, byInputs, ([start, now, expected]) =>
      firstDifference(timeoutOf(timeOf(start), timeOf(now)), expected),
    ),
    round_to_8_significant_digits: compareCases(
      document.round_to_8_significant_digits,
      byInputs,
      ([value, ...expected]) => {
        const rounded = roundToSignificantDigits(value)
        return firstDifference([rounded, complaintAboutToken(pythonFloatText(rounded), 'chars8') === null], expected)
      },
    ),
    convert_prices_to_time_format: compareCases(document.convert_prices_to_time_format, byInputs, (item) => {
      const paths = item.prices.map((path) => path.map((price) => roundToSignificantDigits(price)))
      return firstDifference([timeOf(item.start_time).wallSeconds, item.time_increment, ...paths], item.expected)
    }),
    adjust_predictions: compareCases(document.adjust_predictions, byInputs, compareAdjusted),
    label_observed_blocks: compareCases(document.label_observed_blocks, byInputs, compareBlocks),
    get_interval_steps: compareCases(document.get_interval_steps, byInputs, compareSteps),
    label_from_time_length: compareCases(document.label_from_time_length, byInputs, ([length, expected]) =>
      firstDifference(profileOfLength(profiles, length)?.label ?? { error: 'ValueError' }, expected),
    ),
    select_asset: compareCases(document.select_asset, byInputs, ([last, assets, expected]) =>
      firstDifference(nextAsset(last, assets), expected),
    ),
    select_delay: compareCases(document.select_delay, byInputs, (item) => {
      const delay = nextCycleDelaySeconds({
        previousStart: item.first_run ? null : instantSecondsOf(timeOf(item.cycle_start)),
        now: instantSecondsOf(timeOf(item.now)),
        intervalMinutes: item.cycle_interval_minutes,
      })
      return firstDifference(delay, item.expected_delay)
    }),
    price_changes: compareCases(document.price_changes, byInputs, compareChanges),
    prompt_config: compareCases(
      Object.entries(document.prompt_config),
      ([key]) => key,
      ([key, { initial_delay: _unread, ...expected }]) => firstDifference(promptConfigOf(key), expected),
    ),
  }
})

/** Our regime in the validator's terms. */
function promptConfigOf(key: string) {
  const { promptProfiles } = vectorRegimes.may
  const competition = competitionOf(vectorRegimes.may, key)
  const profile = promptProfiles.find(({ label }) => label === key)
  return {
    asset_list: competition.assets,
    label: profile?.label,
    time_length: competition.timeLengthSeconds,
    time_increment: competition.timeIncrementSeconds,
    cycle_interval_minutes: profile?.lanes[0]?.intervalMinutes,
    timeout_extra_seconds: profile?.extraSeconds,
    scoring_intervals: Object.fromEntries(competition.intervals.map(({ name, seconds }) => [name, seconds])),
    window_days: competition.windowDays,
    softmax_beta: competition.beta,
    smoothed_score_coefficient: competition.coefficient.numerator / competition.coefficient.denominator,
    num_simulations: profile?.pathCount,
    data_retention_days: profile?.retentionDays,
    thin_after_minutes: profile?.thinning?.afterMinutes,
    thin_bucket_seconds: profile?.thinning?.bucketSeconds,
  }
}

function timeOf(text: string): PythonDatetime {
  const time = parsePythonDatetime(text)
  if (time === null) throw new Error(`${text} is no time`)
  return time
}

/** Python refuses to subtract a time with an offset from one without. */
function timeoutOf(start: PythonDatetime, now: PythonDatetime): unknown {
  if ((start.offsetSeconds === null) !== (now.offsetSeconds === null)) return { error: 'TypeError' }
  return answerTimeoutSeconds(microsOf(start), microsOf(now))
}

function microsOf(time: PythonDatetime): number {
  return instantSecondsOf(time) * 1_000_000 + time.microseconds
}
