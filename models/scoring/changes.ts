import { clip, multiply, plus, times } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'

/** Scores are in basis points, as the validator's. */
export const basisPoints = 10_000

/** Beyond this, up or down, no market moves within a day. */
const mostLogMove = 2

/** The change in basis points of a log-return. exp(x) - 1 would lose most digits of a small one in single precision. */
export function changeBps(logReturn: Value): Value {
  const x = clip(logReturn, -mostLogMove, mostLogMove)
  // x + x^2 / 2 + x^3 / 6 + x^4 / 24
  const cubic = plus(times(x, 1 / 4), 1)
  const square = plus(times(multiply(x, cubic), 1 / 3), 1)
  const whole = plus(times(multiply(x, square), 1 / 2), 1)
  return times(multiply(x, whole), basisPoints)
}
