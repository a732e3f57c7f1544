import type { Horizon } from '#core/synth/prompts/horizon'
import { rounded } from '#tests/support/bench'
import { ratioInterval } from './bootstrap.ts'
import { type CalibrationTally, reportCalibration } from './calibration-errors.ts'
import type { PromptScore, ScoredPrompt } from './walk-forward.ts'
import { walkHorizons } from './walk-plan.ts'

/** A week, a day: prompts overlap, and volatility lasts. */
const blockLengths: Readonly<Record<Horizon, number>> = { low: 56, high: 72 }

export function summarise(
  prompts: readonly ScoredPrompt[],
  tallies: readonly (readonly CalibrationTally[])[],
  horizon: Horizon,
) {
  const constantMeans = [0, 1, 2].map((i) => mean(prompts.map((prompt) => prompt.constants[i]!.price)))
  const best = constantMeans.indexOf(Math.min(...constantMeans))
  const bestOf = (one: ScoredPrompt): PromptScore => one.constants[best]!
  const bestPrices = prompts.map((prompt) => bestOf(prompt).price)
  const calibrated = prompts.map((prompt) => prompt.calibrated.price)
  const seed = prompts.map((prompt) => prompt.seed.price)
  const references = prompts.flatMap((prompt) => (prompt.reference === undefined ? [] : [prompt.reference.price]))
  const withTotal = prompts.filter((prompt) => bestOf(prompt).total !== undefined)
  const interval = (a: readonly number[], b: readonly number[]) =>
    ratioInterval(a, b, Math.min(blockLengths[horizon], prompts.length)).map((value) => rounded(value, 4))
  return {
    windows: prompts.length,
    reference: references.length === 0 ? null : rounded(mean(references)),
    best_of_three: rounded(constantMeans[best]!),
    seed: rounded(mean(seed)),
    calibrated: rounded(mean(calibrated)),
    ratio: rounded(mean(calibrated) / constantMeans[best]!, 4),
    ci: interval(calibrated, bestPrices),
    seed_ratio: rounded(mean(seed) / constantMeans[best]!, 4),
    seed_ci: interval(seed, bestPrices),
    // The volatility term included, where the rules have one.
    total_ratio: rounded(
      mean(withTotal.map((prompt) => prompt.calibrated.total!)) /
        mean(withTotal.map((prompt) => bestOf(prompt).total!)),
      4,
    ),
    total_windows: withTotal.length,
    best_days: [1, 7, 30][best],
    constants: constantMeans.map((value) => rounded(value)),
    from: new Date(prompts[0]!.startAtMs).toISOString(),
    to: new Date(prompts.at(-1)!.startAtMs).toISOString(),
    calibration: reportCalibration(tallies),
  }
}

export function listPrompt(asset: string, horizon: Horizon, prompt: ScoredPrompt) {
  const { startAtMs, reference, constants, seed, calibrated } = prompt
  return {
    asset,
    start_time: new Date(startAtMs).toISOString(),
    time_length: walkHorizons[horizon].lengthSeconds,
    reference: reference?.total ?? null,
    constants: constants.map(({ total }) => total),
    seed: seed.total,
    calibrated: calibrated.total,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
