import { advanceEwma, bootstrapEwma, type ClosePoint, type EwmaState } from '#core/forecast/models/ewma-state'
import type { baselineModels } from '#core/forecast/models/model-names'
import { ReferenceModel } from '#core/forecast/models/reference'
import { SeedModel, seedHasFlatFirstPath } from '#core/forecast/models/seed'
import type { ForecastQuestion } from '#core/forecast/models/volatility-model'
import { seedDefaults, seedVarianceFloor } from '#core/forecast/parameters/seed-defaults'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import type { Arrangement } from '#core/forecast/paths/path-sampler'
import type { Forecast } from '#core/forecast/paths/process-parameters'

/** `calibrated` is the miner's own model, where the demonstration serves another one. */
export type RivalName = (typeof baselineModels)[number] | 'calibrated'

export interface RivalForecast {
  readonly name: RivalName
  readonly forecast: Forecast
  readonly arrangement: Arrangement
  readonly flatFirstPath: boolean
}

/**
 * What two other miners would have answered: the subnet's own, and the older EWMA miner. Made from the closes that were
 * known when the prompt was sent, ascending. A miner without a rule for the asset is left out.
 */
export function rivalForecasts(question: ForecastQuestion, closes: readonly ClosePoint[]): RivalForecast[] {
  const state = seedState(question.asset, closes)
  const reference = new ReferenceModel().forecast(question)
  const seed = new SeedModel(() => state).forecast(question)
  return [
    { name: 'reference' as const, answer: reference, flatFirstPath: false },
    { name: 'seed' as const, answer: seed, flatFirstPath: seedHasFlatFirstPath },
  ].flatMap(({ name, answer, flatFirstPath }) =>
    answer.ok && checkForecast(answer.forecast).ok
      ? [{ name, forecast: answer.forecast, arrangement: { kind: 'independent' }, flatFirstPath }]
      : [],
  )
}

/**
 * Started from its own bootstrap window, a day earlier or as far back as there are minutes, and advanced from there.
 */
function seedState(asset: string, closes: readonly ClosePoint[]): EwmaState | undefined {
  const { lambda, startVariance: defaultVariance, bootstrapMinutes } = seedDefaults(asset)
  const bootstrapCount = Math.max(1, Math.min(bootstrapMinutes, closes.length))
  const start = { asset, lambda, defaultVariance, floor: seedVarianceFloor }
  let state = bootstrapEwma(start, closes.slice(0, bootstrapCount))
  if (state === undefined) return undefined
  for (const { close, atMs } of closes.slice(bootstrapCount)) state = advanceEwma(state, close, atMs, seedVarianceFloor)
  return state
}
