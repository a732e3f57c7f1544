import { SplitMix64 } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import { sizeOf } from '#models/graph/graph'
import type { PlacedParameter } from './compile-model.ts'

/** The flat vector before training. Each parameter draws from its own stream: a new block does not move the others. */
export function startWeights(parameters: readonly PlacedParameter[], seed: number): Float32Array {
  const count = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const weights = new Float32Array(count)
  const root = new SplitMix64(BigInt(seed))
  for (const { name, shape, start, offset } of parameters) {
    const random = new Sfc32(root.fork(name))
    for (let i = offset; i < offset + sizeOf(shape); i += 1) {
      switch (start.kind) {
        case 'constant':
          weights[i] = start.value
          break
        case 'uniform':
          weights[i] = start.bound * (2 * random.uniform() - 1)
          break
        case 'normal':
          weights[i] = start.sd * random.normal()
          break
      }
    }
  }
  return weights
}
