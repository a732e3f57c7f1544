import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { GraphOptions, GraphRuntime, GraphSession, GraphTensor } from '#core/forecast/models/onnx/graph-runtime'

/** Runs graphs in this process. Only for processes of their own: a graph that loops cannot be stopped from inside. */
export class OnnxGraphRuntime implements GraphRuntime {
  async load(model: Uint8Array, { optimisation = 'all', threads = 1 }: GraphOptions = {}): Promise<GraphSession> {
    const session = await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      // Small models are fastest on one thread, and repeatable only with the same number of threads.
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: optimisation === 'all' ? 'all' : 'disabled',
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
    return new OnnxGraphSession(session)
  }
}

class OnnxGraphSession implements GraphSession {
  readonly #session: InferenceSession
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]

  constructor(session: InferenceSession) {
    this.#session = session
    this.inputNames = session.inputNames
    this.outputNames = session.outputNames
  }

  async run(
    inputs: Readonly<Record<string, GraphTensor>>,
    outputs: readonly string[] = this.outputNames,
    into: Readonly<Record<string, GraphTensor>> = {},
  ): Promise<Readonly<Record<string, GraphTensor>>> {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toTensor(tensor)]))
    const fetches = Object.fromEntries(
      outputs.map((name) => [name, into[name] === undefined ? null : toTensor(into[name])]),
    )
    const results = await this.#session.run(feeds, fetches)
    return Object.fromEntries(
      outputs.map((name) => {
        const { dims, data } = results[name]!
        return [name, { dims, values: data as GraphTensor['values'] }]
      }),
    )
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

function toTensor({ dims, values }: GraphTensor): Tensor {
  if (values instanceof Float32Array) return new Tensor('float32', values, dims)
  if (values instanceof Float64Array) return new Tensor('float64', values, dims)
  if (values instanceof BigInt64Array) return new Tensor('int64', values, dims)
  return new Tensor('bool', values, dims)
}
