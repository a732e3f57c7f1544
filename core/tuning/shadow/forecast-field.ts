/**
 * Forecasts the prompts of the public scores with a model of ours, as it would have been before we had a journal: from
 * recorded minutes only, and only from those that had ended when the request can have come at the earliest.
 */

import { dayMs, minuteMs } from '#core/base/time/units'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { VenueSymbol } from '#core/market/venues/venue'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { PromptToForecast } from '../replay/reforecast.ts'
import type { ReplayRulesLookup } from '../replay/replay-rules.ts'
import type { PromptToScore } from '../replay/score-day.ts'
import type { ReplayCandidate, ScoreFilter, ScoreReader, ScoreWriter } from '../replay/score-store.ts'
import type { FieldKind } from './field.ts'

/** The scores of a day of one asset, as `replay.scoreDay`, but for prompts of the public scores. */
export const fieldDayKind = 'field.scoreDay'

/** A prompt of the public scores, and the regimes under which the model has a final row. */
export interface ForecastPrompt extends FieldKind {
  readonly startAtMs: number
  readonly scoredUnder: readonly string[]
}

export interface FieldForecastStore extends Pick<ScoreReader, 'listTotals'>, ScoreWriter {
  listPrompts(filter: Pick<ScoreFilter, 'fromMs' | 'toMs' | 'model'>): readonly ForecastPrompt[]
}

/** Over a weekend and a holiday the last price is as old as this. */
const priceReachMs = 5 * dayMs

export function fieldPromptId({ asset, timeLengthSeconds, startAtMs }: FieldKind & { startAtMs: number }): string {
  return `${asset}-${timeLengthSeconds}s-${startAtMs}`
}

/** Those that count in the updates of the period, each in the window of its own competition. */
export function fieldCandidates(
  { book, store, rules }: { book: RegimeBook; store: FieldForecastStore; rules: ReplayRulesLookup },
  period: { readonly fromMs: number; readonly toMs: number },
): Pick<ScoreReader, 'listCandidates'> {
  const { competitions } = resolveAverageRules(book, { updateAtMs: period.toMs })
  const isCounted = ({ asset, timeLengthSeconds, startAtMs }: ForecastPrompt): boolean => {
    const own = competitions.find((one) => one.timeLengthSeconds === timeLengthSeconds && one.assets.includes(asset))
    if (own === undefined) return false
    const scoredAtMs = startAtMs + timeLengthSeconds * 1000
    return scoredAtMs > period.fromMs - own.windowDays * dayMs && scoredAtMs <= period.toMs
  }
  return {
    listCandidates: (filter, model) =>
      store
        .listPrompts({ ...filter, model })
        .filter(isCounted)
        .flatMap((prompt): ReplayCandidate[] => {
          const found = rules.of(prompt)
          const { stepSeconds } = found.ok ? found.rule : {}
          return stepSeconds === undefined ? [] : [{ id: fieldPromptId(prompt), ...prompt, stepSeconds }]
        }),
  }
}

export interface FieldRecordDeps {
  readonly book: RegimeBook
  readonly minutes: Pick<MinuteReader, 'lastClose'>
  /** What the asset was scored from at that time. */
  readonly seriesOf: (asset: string, atMs: number) => VenueSymbol | undefined
}

/**
 * The prompt as it would have come to us. A validator asks at most a minute before the whole minute that its rule counts
 * from; we take that whole minute, so that nothing is known that a miner could not have known. Undefined: no price is
 * recorded before it.
 */
export function fieldRecord(
  { book, minutes, seriesOf }: FieldRecordDeps,
  { id, asset, startAtMs, timeLengthSeconds, stepSeconds }: PromptToScore,
): PromptToForecast | undefined {
  const { pathCount, extraSeconds } = resolvePrediction(book, { asset, startAtMs, timeLengthSeconds }).prompt.profile
  const receivedAtMs = startAtMs - extraSeconds * 1000 - minuteMs
  const series = seriesOf(asset, receivedAtMs)
  if (series === undefined) return undefined
  // The last minute that had ended, not the one that had begun.
  const newestOpenMs = Math.floor(receivedAtMs / minuteMs) * minuteMs - minuteMs
  const last = minutes.lastClose({ asset, ...series }, newestOpenMs - priceReachMs, newestOpenMs)
  if (last === undefined) return undefined
  return {
    id,
    prompt: { asset, startAtSeconds: startAtMs / 1000, lengthSeconds: timeLengthSeconds, stepSeconds, pathCount },
    receivedAtMs,
    recipe: { startPriceUsd: last.close },
  }
}
