/** What replay does, done once more without engine, threads, kernel or pieces: to hold its numbers against. */

import { SplitMix64 } from '#core/base/random/rng'
import { minuteMs } from '#core/base/time/units'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { questionOf } from '#core/forecast/ladder/ladder'
import { spreadVariance } from '#core/forecast/models/ewma'
import { EwmaTrack } from '#core/forecast/models/states/ewma-track'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import type { PathSampler } from '#core/forecast/paths/path-sampler'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import { resolvePrediction } from '#core/synth/regimes/prediction'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { predictionRuleOf } from '#core/synth/scoring/prediction-rule'
import { scorePrediction } from '#core/synth/scoring/score-prediction'
import { madeBook } from './made-journal.ts'
import { scoredSeriesOf } from './virtual-miner.ts'

export function rulesOfPrompt({ asset, startAtSeconds, lengthSeconds }: PredictionRecord['prompt']) {
  const question = { asset, startAtMs: startAtSeconds * 1000, timeLengthSeconds: lengthSeconds }
  const rules = resolvePrediction(madeBook, question)
  return { regimeId: rules.scoring.decision.regimeId, rule: predictionRuleOf(rules, 'increments') }
}

/** Real prices at the points of the prompt; NaN where nobody traded in the minute. */
export function readReal(minutes: MinuteReader, { prompt }: PredictionRecord): Float64Array {
  const { asset, startAtSeconds, lengthSeconds, stepSeconds } = prompt
  const startAtMs = startAtSeconds * 1000
  const series = scoredSeriesOf(asset, startAtMs)
  const closes = minutes.readCloses(series, startAtMs, startAtMs + lengthSeconds * 1000)
  return closes.filter((_, i) => i % (stepSeconds / 60) === 0)
}

export function scorePlainly(minutes: MinuteReader, record: PredictionRecord, paths: PathMatrix): number {
  return scorePrediction(paths, readReal(minutes, record), rulesOfPrompt(record.prompt).rule).total
}

/** The EWMA of a minute's variance as it was known when each prompt came; `records` are of one asset. */
export function walkEwma(
  minutes: MinuteReader,
  records: readonly PredictionRecord[],
  { fromMs, lambda }: { readonly fromMs: number; readonly lambda: number },
): ReadonlyMap<string, number> {
  const inOrder = [...records].sort((a, b) => a.receivedAtMs - b.receivedAtMs)
  const [first, last] = [inOrder[0]!, inOrder.at(-1)!]
  const { asset } = first.prompt
  const track = new EwmaTrack(asset, lambda)
  const slots = minutes.readSlots(scoredSeriesOf(asset, first.receivedAtMs), fromMs, last.receivedAtMs)
  const known = new Map<string, number>()
  let next = 0
  for (const { id, receivedAtMs } of inOrder) {
    for (; fromMs + (next + 1) * minuteMs <= receivedAtMs; next += 1) track.take(fromMs + next * minuteMs, slots[next]!)
    known.set(id, track.state?.variance ?? Number.NaN)
  }
  return known
}

/** The paths that evidence scores: another forecast for the prompt, with the luck that belongs to the prompt. */
export function forecastAgain(
  sampler: PathSampler,
  { id, prompt, recipe }: PredictionRecord,
  minuteVariance: number,
  parameters: AssetParameters,
): PathMatrix {
  return sampler.sample({
    forecast: spreadVariance(minuteVariance, questionOf(prompt), parameters).forecast,
    startPrice: recipe.startPriceUsd,
    pathCount: prompt.pathCount,
    seed: new SplitMix64(0n).fork(id).nextUint64(),
    arrangement: { kind: 'structured', intervals: rulesOfPrompt(prompt).rule.intervals },
    flatFirstPath: false,
  })
}
