/**
 * Fits E[y] = exp(x·b) for positive y by minimising mean(x·b + y·exp(-x·b)) plus a pull towards a prior: the likelihood
 * of an exponential variable, consistent for any y with that mean, and robust to heavy tails. Convex; Newton's method
 * from the prior.
 */
export interface LogLinearRows {
  /** Row-major, `width` regressors a row; the first is the constant. */
  readonly regressors: Float64Array
  readonly width: number
  readonly targets: Float64Array
}

export function fitLogLinear(
  rows: LogLinearRows,
  prior: readonly number[],
  pull: number,
  /** The constant carries the level; a prior from elsewhere may know nothing about it. */
  constantPull = 0,
): number[] {
  const { width, targets } = rows
  const coefficients = [...prior]
  for (let round = 0; round < 50; round += 1) {
    const { gradient, curvature } = derivatives(rows, coefficients)
    for (let j = 0; j < width; j += 1) {
      const own = j === 0 ? constantPull : pull
      gradient[j]! += own * (coefficients[j]! - prior[j]!)
      curvature[j * width + j]! += own
    }
    const step = solveSymmetric(curvature, gradient, width)
    let largest = 0
    for (let j = 0; j < width; j += 1) {
      // A very large first step from a poor start would overflow the exponential.
      const bounded = Math.max(-1, Math.min(1, step[j]!))
      coefficients[j]! -= bounded
      largest = Math.max(largest, Math.abs(bounded))
    }
    if (largest < 1e-8) break
  }
  if (targets.length === 0) return [...prior]
  return coefficients
}

function derivatives(
  rows: LogLinearRows,
  coefficients: readonly number[],
): { gradient: Float64Array; curvature: Float64Array } {
  const { regressors, width, targets } = rows
  const gradient = new Float64Array(width)
  const curvature = new Float64Array(width * width)
  for (let row = 0; row < targets.length; row += 1) {
    const at = row * width
    let exponent = 0
    for (let j = 0; j < width; j += 1) exponent += regressors[at + j]! * coefficients[j]!
    const weight = targets[row]! * Math.exp(-exponent)
    for (let j = 0; j < width; j += 1) {
      const x = regressors[at + j]!
      gradient[j]! += x * (1 - weight)
      for (let k = 0; k <= j; k += 1) curvature[j * width + k]! += x * weight * regressors[at + k]!
    }
  }
  const count = Math.max(1, targets.length)
  for (let j = 0; j < width; j += 1) {
    gradient[j]! /= count
    for (let k = 0; k <= j; k += 1) {
      const value = curvature[j * width + k]! / count
      curvature[j * width + k] = value
      curvature[k * width + j] = value
    }
    curvature[j * width + j]! += 1e-9
  }
  return { gradient, curvature }
}

/** Cholesky for a small positive definite system. */
function solveSymmetric(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j]!
      for (let k = 0; k < j; k += 1) sum -= lower[i * size + k]! * lower[j * size + k]!
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j * size + j]!
    }
  }
  const solution = Float64Array.from(right)
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) solution[i]! -= lower[i * size + k]! * solution[k]!
    solution[i]! /= lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) solution[i]! -= lower[k * size + i]! * solution[k]!
    solution[i]! /= lower[i * size + i]!
  }
  return solution
}
