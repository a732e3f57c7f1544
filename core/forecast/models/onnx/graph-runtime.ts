/** The port to what runs a computation that this program wrote itself: training, its tests, a trial of a finished model. */
export interface GraphRuntime {
  /** Throws if the runtime does not take the graph. */
  load(model: Uint8Array, options?: GraphOptions): Promise<GraphSession>
}

export interface GraphOptions {
  /** `none` keeps every operation as it is written; `all` is the default. */
  readonly optimisation?: 'all' | 'none'
  readonly threads?: number
}

/** Numbers in row order. `int64` tensors are BigInt64Array, `bool` ones Uint8Array. */
export interface GraphTensor {
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array | BigInt64Array | Uint8Array
}

export interface GraphSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** The outputs that are asked for, all by default. `into` is filled in place and returned, which saves its copy. */
  run(
    inputs: Readonly<Record<string, GraphTensor>>,
    outputs?: readonly string[],
    into?: Readonly<Record<string, GraphTensor>>,
  ): Promise<Readonly<Record<string, GraphTensor>>>
  release(): Promise<void>
}
