import type { z } from 'zod'
import type { Printed } from '#core/base/cli/write-json'
import { formatInstant } from '#core/synth/regimes/instant'
import type { PredictionQuestion, PredictionRules } from '#core/synth/regimes/prediction'
import type { RegimesAtPredictionShape, RegimesAtShape } from './regimes-shapes.ts'
import type { RulesAtInstant } from './regimes-text.ts'

export function rulesToJson(
  atMs: number,
  { prompt, scoring, average }: RulesAtInstant,
): Printed<z.input<typeof RegimesAtShape>> {
  return {
    at: formatInstant(atMs),
    prompt,
    // A step shows the part of a competition that it decides; the values hold all of it.
    scoring: {
      ...scoring,
      competitions: scoring.competitions.map((one) => ({
        ...routeOf(one),
        intervals: one.intervals,
        volatilityBlocks: one.volatilityBlocks,
      })),
    },
    average: {
      ...average,
      competitions: average.competitions.map((one) => ({
        ...routeOf(one),
        windowDays: one.windowDays,
        beta: one.beta,
        coefficient: one.coefficient,
      })),
    },
  }
}

function routeOf(
  competition: RulesAtInstant['scoring']['competitions'][number] | RulesAtInstant['average']['competitions'][number],
) {
  const { key, label, slug, assets, timeLengthSeconds, timeIncrementSeconds } = competition
  return { key, label, slug, assets, timeLengthSeconds, timeIncrementSeconds }
}

export function predictionToJson(
  { asset, timeLengthSeconds, startAtMs, regime }: PredictionQuestion,
  { scoring, ...rules }: PredictionRules,
): Printed<z.input<typeof RegimesAtPredictionShape>> {
  const { scoringAtMs, ...scored } = scoring
  return {
    ...{ asset, timeLengthSeconds, startAt: formatInstant(startAtMs), regime: regime ?? null },
    ...rules,
    scoring: { ...scored, scoringAt: formatInstant(scoringAtMs) },
  }
}
