import { add, divide, multiply, plus, sqrt, subtract } from '#models/graph/arithmetic'
import type { Value } from '#models/graph/graph'
import { reduceMean } from '#models/graph/reduce'
import type { Scope } from '#models/graph/scope'

/**
 * Each feature of a window to mean 0 and variance 1 over time (RevIN). The window's scale, the mean of the standard
 * deviations, goes to what comes behind the head: the forecast of a calm window is scaled down again, that of a wild one up.
 */
export function reversibleNorm(
  scope: Scope,
  x: Value,
  { epsilon, affine }: { epsilon: number; affine: boolean },
): Value {
  const width = x.shape.at(-1)!
  const centred = subtract(x, reduceMean(x, { axes: [1], keep: true }))
  const sd = sqrt(plus(reduceMean(multiply(centred, centred), { axes: [1], keep: true }), epsilon))
  scope.rememberScale(reduceMean(sd, { axes: [2] }))
  const normal = divide(centred, sd)
  if (!affine) return normal
  const scale = scope.parameter('scale', [width], { kind: 'constant', value: 1 }, { decays: false })
  const shift = scope.parameter('shift', [width], { kind: 'constant', value: 0 }, { decays: false })
  return add(multiply(normal, scale), shift)
}
