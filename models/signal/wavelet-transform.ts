/**
 * The wavelet transform with Daubechies' wavelet of four vanishing moments, the series continued as if it repeated. An odd
 * length is made even by repeating the last value. Orthogonal, so that the inverse adds up what the transform took apart.
 */
const lowPass = [
  -0.010597401785069032, 0.0328830116668852, 0.030841381835560764, -0.18703481171909309, -0.027983769416859854,
  0.6308807679298589, 0.7148465705529157, 0.2303778133088965,
] as const
const highPass = lowPass.map((_, j) => (j % 2 === 0 ? -1 : 1) * lowPass[lowPass.length - 1 - j]!)
/** Where the filter stands: the middle of its eight taps. */
const offset = 4

export interface Decomposition {
  /** The approximation, then the details, the coarsest first. */
  readonly coefficients: readonly Float64Array[]
  /** The series whose transform these are, of the same length as the original. */
  readonly restore: (coefficients: readonly Float64Array[]) => Float64Array
}

export function decompose(series: Float64Array, level: number): Decomposition {
  const details: Float64Array[] = []
  let approximation = series
  for (let i = 0; i < level; i += 1) {
    const even = approximation.length % 2 === 0 ? approximation : repeatLast(approximation)
    details.unshift(filter(even, highPass))
    approximation = filter(even, lowPass)
  }
  return {
    coefficients: [approximation, ...details],
    restore: ([coarsest, ...own]) => {
      let restored = coarsest!
      for (const detail of own) restored = merge(restored.subarray(0, detail.length), detail)
      return restored.slice(0, series.length)
    },
  }
}

export function zerosLike(values: Float64Array): Float64Array {
  return new Float64Array(values.length)
}

function filter(series: Float64Array, taps: readonly number[]): Float64Array {
  const { length } = series
  return Float64Array.from({ length: length / 2 }, (_, k) =>
    taps.reduce((sum, tap, j) => sum + tap * series[place(k, j, length)]!, 0),
  )
}

function merge(approximation: Float64Array, detail: Float64Array): Float64Array {
  const length = 2 * detail.length
  const series = new Float64Array(length)
  for (let k = 0; k < detail.length; k += 1) {
    for (let j = 0; j < lowPass.length; j += 1) {
      series[place(k, j, length)]! += lowPass[j]! * approximation[k]! + highPass[j]! * detail[k]!
    }
  }
  return series
}

function place(k: number, j: number, length: number): number {
  return (2 * k + offset - j + 8 * length) % length
}

function repeatLast(series: Float64Array): Float64Array {
  const longer = new Float64Array(series.length + 1)
  longer.set(series)
  longer[series.length] = series.at(-1)!
  return longer
}
