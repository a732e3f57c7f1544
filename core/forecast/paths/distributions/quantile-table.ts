/**
 * The quantile function of a symmetric law as one cubic for each eighth of an octave of the tail probability. So a draw
 * costs the same for every law: a look-up by the top bits of a 32-bit word and three multiplications.
 */
import { upperQuantile } from './quantile.ts'
import type { SymmetricLaw } from './symmetric-law.ts'

/** Tail words run from 0.5 (exponent -1) to just below 2^31. */
export const lowestExponent = -1
export const octaveCount = 32
export const segmentsPerOctave = 8
export const coefficientsPerSegment = 4
export const tableLength = octaveCount * segmentsPerOctave * coefficientsPerSegment

/**
 * Segment s of octave e covers tail probabilities m * 2^(e - 32) with m in 1 + [s, s + 1) / 8; its four numbers are the
 * coefficients of 1, m, m^2 and m^3.
 */
export function makeQuantileTable(law: SymmetricLaw): Float64Array {
  const table = new Float64Array(tableLength)
  let guess = 0
  for (let octave = octaveCount - 1; octave >= 0; octave -= 1) {
    for (let segment = segmentsPerOctave - 1; segment >= 0; segment -= 1) {
      const nodes = chebyshevNodes(1 + segment / segmentsPerOctave, 1 + (segment + 1) / segmentsPerOctave)
      const values = nodes.map((mantissa) => {
        guess = upperQuantile(law, mantissa * 2 ** (octave + lowestExponent - 32), guess)
        return guess
      })
      table.set(fitCubic(nodes, values), (octave * segmentsPerOctave + segment) * coefficientsPerSegment)
    }
  }
  return table
}

/** cos(pi / 8) and cos(3 pi / 8), from the right so that the tail probability falls. */
const nodeOffsets = [0.9238795325112867, 0.3826834323650898, -0.3826834323650898, -0.9238795325112867]

function chebyshevNodes(from: number, to: number): number[] {
  return nodeOffsets.map((offset) => (from + to) / 2 + ((to - from) / 2) * offset)
}

/** Newton's divided differences, multiplied out. */
function fitCubic(x: readonly number[], y: readonly number[]): [number, number, number, number] {
  const difference = [...y]
  for (let order = 1; order < 4; order += 1) {
    for (let i = 3; i >= order; i -= 1) {
      difference[i] = (difference[i]! - difference[i - 1]!) / (x[i]! - x[i - order]!)
    }
  }
  let coefficients = [difference[3]!, 0, 0, 0]
  for (let i = 2; i >= 0; i -= 1) {
    // p(m) becomes p(m) * (m - x[i]) + difference[i]
    const [c0, c1, c2] = coefficients as [number, number, number]
    coefficients = [difference[i]! - x[i]! * c0, c0 - x[i]! * c1, c1 - x[i]! * c2, c2]
  }
  return coefficients as [number, number, number, number]
}
