import { z } from 'zod'
import { add, multiply, relu, sigmoid, subtract, tanh } from '#models/graph/arithmetic'
import { dropout, linear } from '#models/graph/composites'
import type { Value } from '#models/graph/graph'
import { gemm, matmul } from '#models/graph/linear'
import { scan } from '#models/graph/scan'
import type { Scope, Start } from '#models/graph/scope'
import { split, transpose } from '#models/graph/shape-operators'

/** The settings of all recurrent blocks. */
export const recurrentSettings = {
  layers: z.int().min(1).max(8).default(1).describe('Layers, one on the outputs of the other.'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of the values that training drops between layers.'),
}

/** One layer over a sequence that is cut by steps: [length, batch, width] in and out. */
type RecurrentLayer = (scope: Scope, steps: Value) => Value

/** Layers on [batch, length, width]. */
export function recurrent(
  scope: Scope,
  x: Value,
  {
    layers,
    dropout: share,
    layer,
  }: { readonly layers: number; readonly dropout: number; readonly layer: RecurrentLayer },
): Value {
  let steps = transpose(x, [1, 0, 2])
  for (let i = 0; i < layers; i += 1) {
    steps = scope.within(`layers.${i}`, (inner) => {
      const fed = i === 0 ? steps : dropout(inner, steps, share)
      return layer(inner, fed)
    })
  }
  return transpose(steps, [1, 0, 2])
}

/** Long short-term memory. The four parts of each weight are in PyTorch's order: input, forget, cell, output. */
export const lstmLayer: RecurrentLayer = (scope, steps) => {
  const { fed, width, zeros, start } = prepare(scope, steps, 4)
  const weight = scope.parameter('recurrent', [width, 4 * width], start)
  const { outputs } = scan({
    states: [zeros, zeros],
    sequences: [fed],
    body: ([hidden, cell], [part]) => {
      const gates = add(part!, matmul(hidden!, weight))
      const [input, forget, candidate, output] = split(gates, { axis: 1, sizes: [width, width, width, width] })
      const nextCell = add(multiply(sigmoid(forget!), cell!), multiply(sigmoid(input!), tanh(candidate!)))
      const nextHidden = multiply(sigmoid(output!), tanh(nextCell))
      return { states: [nextHidden, nextCell], outputs: [nextHidden] }
    },
  })
  return outputs[0]!
}

/** Gated recurrent unit. The three parts of each weight are in PyTorch's order: reset, update, new. */
export const gruLayer: RecurrentLayer = (scope, steps) => {
  const { fed, width, zeros, start } = prepare(scope, steps, 3)
  const weight = scope.parameter('recurrent', [width, 3 * width], start)
  const bias = scope.parameter('recurrent_bias', [3 * width], start, { decays: false })
  const sizes = [width, width, width]
  const { outputs } = scan({
    states: [zeros],
    sequences: [fed],
    body: ([hidden], [part]) => {
      const [reset, update, fresh] = split(part!, { axis: 1, sizes })
      const [ownReset, ownUpdate, ownFresh] = split(gemm(hidden!, weight, { bias }), { axis: 1, sizes })
      const kept = sigmoid(add(update!, ownUpdate!))
      const candidate = tanh(add(fresh!, multiply(sigmoid(add(reset!, ownReset!)), ownFresh!)))
      const next = add(candidate, multiply(kept, subtract(hidden!, candidate)))
      return { states: [next], outputs: [next] }
    },
  })
  return outputs[0]!
}

/** A plain (Elman) recurrent layer. */
export const rnnLayer =
  (activation: 'tanh' | 'relu'): RecurrentLayer =>
  (scope, steps) => {
    const { fed, width, zeros, start } = prepare(scope, steps, 1)
    const weight = scope.parameter('recurrent', [width, width], start)
    const bend = activation === 'tanh' ? tanh : relu
    const { outputs } = scan({
      states: [zeros],
      sequences: [fed],
      body: ([hidden], [part]) => {
        const next = bend(add(part!, matmul(hidden!, weight)))
        return { states: [next], outputs: [next] }
      },
    })
    return outputs[0]!
  }

/** The inputs' share of all gates, for all steps in one product, outside the loop. */
function prepare(scope: Scope, steps: Value, gates: number) {
  const [, batch, width] = steps.shape
  const start: Start = { kind: 'uniform', bound: 1 / Math.sqrt(width!) }
  return {
    fed: scope.within('input', (inner) => linear(inner, steps, gates * width!)),
    width: width!,
    zeros: scope.graph.constant(new Float64Array(batch! * width!), [batch!, width!]),
    start,
  }
}
