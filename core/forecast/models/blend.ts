import type { Forecast, ForecastPart } from '../paths/process-parameters.ts'
import type { ModelAnswer } from './volatility-model.ts'

export interface BlendPart {
  readonly name: string
  readonly share: number
  readonly answer: ModelAnswer
}

/**
 * Paths of several models in one ensemble. If a member does not answer, the others share its weight, and the result is
 * degraded.
 */
export function blendAnswers(members: readonly BlendPart[]): ModelAnswer {
  const parts: ForecastPart[] = []
  const reasons: string[] = []
  let isDegraded = false
  let isCapped = false
  for (const { name, share, answer } of members) {
    if (!answer.ok) {
      reasons.push(`${name}: ${answer.reason}`)
      continue
    }
    isDegraded ||= answer.isDegraded
    isCapped ||= answer.isCapped === true
    const total = answer.forecast.reduce((sum, part) => sum + part.weight, 0)
    for (const part of answer.forecast) parts.push({ ...part, weight: (share * part.weight) / total })
  }
  if (parts.length === 0) return { ok: false, reason: reasons.join('; ') || 'no model of the blend has a weight here' }
  return { ok: true, forecast: parts as unknown as Forecast, isDegraded: isDegraded || reasons.length > 0, isCapped }
}
