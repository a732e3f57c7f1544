import type { ForecastQuestion } from '../models/volatility-model.ts'
import { checkForecast } from '../paths/check-forecast.ts'
import { type Forecast, meanStepVariances } from '../paths/process-parameters.ts'

/** Why a model's forecast is not an answer to this question; undefined: the sampler may use it. */
export function findForecastProblem(forecast: Forecast, question: ForecastQuestion): string | undefined {
  const { stepSeconds, stepVariances } = forecast[0].process
  if (stepSeconds !== question.stepSeconds || stepVariances.length !== question.stepCount) {
    return `${stepVariances.length} steps of ${stepSeconds} s instead of ${question.stepCount} of ${question.stepSeconds} s`
  }
  const checked = checkForecast(forecast)
  if (!checked.ok) return checked.reason
  return meanStepVariances(forecast).some((variance) => variance > 0) ? undefined : 'a price that never moves'
}
