import { add, erf, exp, log, multiply, plus, sigmoid, subtract, times } from './arithmetic.ts'
import { ShapeError, showShape, sizeOf, type Value } from './graph.ts'
import { gemm, matmul } from './linear.ts'
import { normalise, reduceMax, reduceMean, reduceSum, softmax } from './reduce.ts'
import type { Scope, Start } from './scope.ts'
import { reshape, slice, squeeze, swapLast } from './shape-operators.ts'

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
  const range = start === 'zero' ? ({ kind: 'constant', value: 0 } as const) : evenStart(widthIn)
  const weight = scope.parameter('weight', [widthIn, width], range)
  return linearWith(x, weight, bias ? scope.parameter('bias', [width], range, { decays: false }) : undefined)
}

/** Where the weights of a linear layer start by default. */
function evenStart(widthIn: number): Start {
  return { kind: 'uniform', bound: 1 / Math.sqrt(widthIn) }
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
  return normalise(x, { scale, shift, epsilon })
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

export interface AttentionOptions {
  readonly heads: number
  /** What is looked at, [batch, its length, its width]; the sequence itself by default. A batch of 1 may look at a larger one. */
  readonly memory?: Value
}

/** Multi-head attention with its four projections: `query`, `key`, `value`, `out`. x is [batch, length, width]. */
export function multiHeadAttention(scope: Scope, x: Value, { heads, memory = x }: AttentionOptions): Value {
  const width = x.shape.at(-1)!
  if (x.shape.length !== 3 || width % heads !== 0) {
    throw new ShapeError(x.graph, `the shape ${showShape(x.shape)} cannot be cut into ${heads} heads`)
  }
  // The weights are scaled instead of the products of queries and keys: there are fewer.
  const query = project('query', x, Math.sqrt(heads / width))
  const [key, value] = [project('key', memory), project('value', memory)]
  const weights = softmax(matmul(swapLast(query), key), -1)
  const mixed = reshape(matmul(value, swapLast(weights)), [memory.shape[0]!, width, x.shape[1]!])
  return scope.within('out', (inner) => linear(inner, swapLast(mixed), width))

  /** [batch, heads, width of a head, length]: a swap of two dimensions is faster than a move of the heads. */
  function project(name: string, from: Value, scale = 1): Value {
    const [batch, length, widthIn] = from.shape
    const { weight, bias } = scope.within(name, (inner) => ({
      weight: inner.parameter('weight', [widthIn!, width], evenStart(widthIn!)),
      bias: inner.parameter('bias', [width], evenStart(widthIn!), { decays: false }),
    }))
    const projected =
      scale === 1 ? linearWith(from, weight, bias) : linearWith(from, times(weight, scale), times(bias, scale))
    return reshape(swapLast(projected), [batch!, heads, width / heads, length!])
  }
}

/** The mean over the second dimension: [batch, length, width] to [batch, width]. */
export function meanStep(x: Value): Value {
  return reduceMean(x, { axes: [1] })
}

/** The last of the second dimension: [batch, length, width] to [batch, width]. */
export function lastStep(x: Value): Value {
  return squeeze(slice(x, { axis: 1, start: -1 }), [1])
}
