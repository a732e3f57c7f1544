import type { Rng } from '#core/base/random/rng'
import { Sfc32 } from '#core/base/random/sfc32'
import type { GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { sizeOf } from '#models/graph/graph'
import type { NoiseFact } from '#models/graph/scope'

/** The inputs of a graph that are drawn: each from a stream of its own, so that one more does not move the others. */
export function drawNoise(facts: readonly NoiseFact[], rng: Rng): Record<string, GraphTensor> {
  return Object.fromEntries(facts.map((fact) => [fact.name, { dims: fact.shape, values: draw(fact, rng) }]))
}

function draw({ name, shape, kind }: NoiseFact, rng: Rng): Float32Array {
  const random = new Sfc32(rng.fork(name))
  const values = new Float32Array(sizeOf(shape))
  for (let i = 0; i < values.length; i += 1) {
    if (kind.kind === 'normal') values[i] = random.normal()
    else values[i] = random.uniform() < kind.share ? 1 / kind.share : 0
  }
  return values
}
