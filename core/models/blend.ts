import type { Forecast, ForecastPart } from '../paths/process-parameters.ts'
import type { ForecastQuestion, ModelAnswer, VolatilityModel } from './volatility-model.ts'

export interface BlendMember {
  readonly model: VolatilityModel
  /** Its share of the paths for this asset and horizon; 0 leaves it out. */
  weight(asset: string, horizonSeconds: number): number
}

/** Paths of several models side by side. A member that cannot answer leaves its share to the others. */
export class BlendModel implements VolatilityModel {
  readonly name: string
  readonly #members: readonly BlendMember[]

  constructor(name: string, members: readonly BlendMember[]) {
    this.name = name
    this.#members = members
  }

  forecast(question: ForecastQuestion): ModelAnswer {
    const horizonSeconds = question.stepSeconds * question.stepCount
    return blendAnswers(
      this.#members
        .map(({ model, weight }) => ({ model, share: weight(question.asset, horizonSeconds) }))
        .filter(({ share }) => share > 0)
        .map(({ model, share }) => ({ name: model.name, share, answer: model.forecast(question) })),
    )
  }
}

export interface BlendPart {
  readonly name: string
  readonly share: number
  readonly answer: ModelAnswer
}

/** Those that did not answer leave their share to the others, and the whole is degraded. */
export function blendAnswers(members: readonly BlendPart[]): ModelAnswer {
  const parts: ForecastPart[] = []
  const reasons: string[] = []
  let isDegraded = false
  for (const { name, share, answer } of members) {
    if (!answer.ok) {
      reasons.push(`${name}: ${answer.reason}`)
      continue
    }
    isDegraded ||= answer.isDegraded
    const total = answer.forecast.reduce((sum, part) => sum + part.weight, 0)
    for (const part of answer.forecast) parts.push({ ...part, weight: (share * part.weight) / total })
  }
  if (parts.length === 0) return { ok: false, reason: reasons.join('; ') || 'no member has a weight here' }
  return { ok: true, forecast: parts as unknown as Forecast, isDegraded: isDegraded || reasons.length > 0 }
}
