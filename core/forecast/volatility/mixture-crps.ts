/** Expected CRPS of a normal variable whose standard deviation is log-normal, with root mean square `sd`. */

/** Gauss-Hermite nodes and weights for a standard normal variable. */
export const normalNodes = [-2.8569700138728, -1.355626179974265, 0, 1.355626179974265, 2.8569700138728]
export const normalWeights = [
  0.011257411327721, 0.222075922005613, 0.533333333333333, 0.222075922005613, 0.011257411327721,
]

export interface ScaleComponent {
  readonly weight: number
  readonly scale: number
}

/** Normal components that represent a log-normal standard deviation; the mean square is 1 up to the quadrature. */
export function logNormalScales(logSd: number): ScaleComponent[] {
  return normalNodes.map((node, i) => ({ weight: normalWeights[i]!, scale: Math.exp(logSd * node - logSd ** 2) }))
}

export class MixtureCrps {
  readonly #components: readonly ScaleComponent[]
  readonly #spread: number

  constructor(logSd: number) {
    this.#components = logNormalScales(logSd)
    let spread = 0
    for (const a of this.#components) {
      for (const b of this.#components) spread += a.weight * b.weight * Math.hypot(a.scale, b.scale)
    }
    this.#spread = spread / Math.sqrt(2 * Math.PI)
  }

  score(value: number, sd: number): number {
    let distance = 0
    for (const { weight, scale } of this.#components) {
      const own = sd * scale
      const z = value / own
      distance += weight * own * (z * erf(z / Math.SQRT2) + Math.sqrt(2 / Math.PI) * Math.exp(-0.5 * z * z))
    }
    return distance - sd * this.#spread
  }

  /** P(X <= value): the probability integral transform. */
  probabilityBelow(value: number, sd: number): number {
    let sum = 0
    for (const { weight, scale } of this.#components) {
      sum += 0.5 * weight * (1 + erf(value / (sd * scale * Math.SQRT2)))
    }
    return sum
  }
}

/** Abramowitz and Stegun 7.1.26, error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  const value = 1 - tail * Math.exp(-x * x)
  return x < 0 ? -value : value
}
