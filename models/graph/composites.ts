import { add, divide, erf, exp, log, multiply, plus, sigmoid, sqrt, subtract, times } from './arithmetic.ts'
import { ShapeError, showShape, sizeOf, type Value } from './graph.ts'
import { gemm, matmul } from './linear.ts'
import { reduceMax, reduceMean, reduceSum, softmax } from './reduce.ts'
import type { Scope } from './scope.ts'
import { reshape, slice, squeeze, transpose } from './shape-operators.ts'

export interface LinearOptions {
  readonly bias?: boolean
  /** Where the weights start; by default even over 1 / sqrt(width in), as PyTorch does. */
  readonly start?: 'default' | 'zero'
}

/** x W + b over the last dimension: [..., width in] to [..., width]. Parameters `weight` [width in, width] and `bias`. */
export function linear(scope: Scope, x: Value, width: number, options: LinearOptions = {}): Value {
  const { bias = true, start = 'default' } = options
  const widthIn = x.shape.at(-1)
  if (widthIn === undefined)
    throw new ShapeError(scope.graph, `a linear layer needs a width, not ${showShape(x.shape)}`)
  const range =
    start === 'zero'
      ? ({ kind: 'constant', value: 0 } as const)
      : ({ kind: 'uniform', bound: 1 / Math.sqrt(widthIn) } as const)
  const weight = scope.parameter('weight', [widthIn, width], range)
  const offset = bias ? scope.parameter('bias', [width], range, { decays: false }) : undefined
  return linearWith(x, weight, offset)
}

/** The same with given weights. */
export function linearWith(x: Value, weight: Value, bias?: Value): Value {
  const options = bias === undefined ? {} : { bias }
  if (x.shape.length === 2) return gemm(x, weight, options)
  const widthIn = x.shape.at(-1)!
  const rows = reshape(x, [sizeOf(x.shape) / widthIn, widthIn])
  return reshape(gemm(rows, weight, options), [...x.shape.slice(0, -1), weight.shape[1]!])
}

/** Each row of the last dimension to mean 0 and variance 1, then a learned scale and shift. */
export function layerNorm(scope: Scope, x: Value, epsilon = 1e-5): Value {
  const width = x.shape.at(-1)!
  const scale = scope.parameter('scale', [width], { kind: 'constant', value: 1 }, { decays: false })
  const shift = scope.parameter('shift', [width], { kind: 'constant', value: 0 }, { decays: false })
  const centred = subtract(x, reduceMean(x, { axes: [-1], keep: true }))
  const variance = reduceMean(multiply(centred, centred), { axes: [-1], keep: true })
  return add(multiply(divide(centred, sqrt(plus(variance, epsilon))), scale), shift)
}

/** x times the normal distribution's share below x. */
export function gelu(x: Value): Value {
  return multiply(times(x, 0.5), plus(erf(times(x, Math.SQRT1_2)), 1))
}

export function silu(x: Value): Value {
  return multiply(x, sigmoid(x))
}

/** log(sum(exp(x))) along one axis, without overflow. */
export function logSumExp(x: Value, axis: number, keep = false): Value {
  const largest = reduceMax(x, { axes: [axis], keep: true })
  const sum = log(reduceSum(exp(subtract(x, largest)), { axes: [axis], keep: true }))
  const whole = add(largest, sum)
  return keep ? whole : squeeze(whole, [axis])
}

/** Drops a share of the values while training and scales the others up. */
export function dropout(scope: Scope, x: Value, share: number): Value {
  if (!scope.isTraining || share === 0) return x
  const mask = scope.noise('dropout', x.shape, { kind: 'keep', share: 1 - share })
  return mask === undefined ? x : multiply(x, mask)
}

/** [batch, length, width] to [batch, heads, length, width / heads]. */
export function splitHeads(x: Value, heads: number): Value {
  const [batch, length, width] = x.shape
  if (x.shape.length !== 3 || width! % heads !== 0) {
    throw new ShapeError(x.graph, `the shape ${showShape(x.shape)} cannot be cut into ${heads} heads`)
  }
  return transpose(reshape(x, [batch!, length!, heads, width! / heads]), [0, 2, 1, 3])
}

/** The reverse of `splitHeads`. */
export function joinHeads(x: Value): Value {
  const [batch, heads, length, width] = x.shape
  return reshape(transpose(x, [0, 2, 1, 3]), [batch!, length!, heads! * width!])
}

/** Each query's mix of the values, by softmax(query · key / sqrt(width)). All are [batch, heads, length, width]. */
export function attend(query: Value, key: Value, value: Value): Value {
  const scaled = times(query, 1 / Math.sqrt(query.shape.at(-1)!))
  return matmul(softmax(matmul(scaled, transpose(key, [0, 1, 3, 2])), -1), value)
}

export interface AttentionOptions {
  readonly heads: number
  /** What is looked at; the sequence itself by default. */
  readonly memory?: Value
}

/** Multi-head attention with its four projections: `query`, `key`, `value`, `out`. */
export function multiHeadAttention(scope: Scope, x: Value, { heads, memory = x }: AttentionOptions): Value {
  const width = x.shape.at(-1)!
  const project = (name: string, from: Value) =>
    splitHeads(
      scope.within(name, (inner) => linear(inner, from, width)),
      heads,
    )
  const mixed = attend(project('query', x), project('key', memory), project('value', memory))
  return scope.within('out', (inner) => linear(inner, joinHeads(mixed), width))
}

/** The mean over the second dimension: [batch, length, width] to [batch, width]. */
export function meanStep(x: Value): Value {
  return reduceMean(x, { axes: [1] })
}

/** The last of the second dimension: [batch, length, width] to [batch, width]. */
export function lastStep(x: Value): Value {
  return squeeze(slice(x, { axis: 1, start: -1 }), [1])
}
