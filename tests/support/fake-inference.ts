import type {
  InferenceAnswer,
  InferenceRequest,
  InferenceRuntime,
  NamedTensor,
  OpenAnswer,
} from '#core/forecast/models/onnx/inference-runtime'

/** Answers as the test says; keeps what it was asked. */
export class FakeInference implements InferenceRuntime {
  readonly requests: InferenceRequest[] = []
  readonly released: string[] = []
  reply: (request: InferenceRequest) => InferenceAnswer
  openAnswer: OpenAnswer

  constructor(reply: (request: InferenceRequest) => InferenceAnswer, openAnswer: OpenAnswer = neverOpened) {
    this.reply = reply
    this.openAnswer = openAnswer
  }

  async open(): Promise<OpenAnswer> {
    return this.openAnswer
  }

  async run(request: InferenceRequest): Promise<InferenceAnswer> {
    this.requests.push(request)
    return this.reply(request)
  }

  async release(sha256: string): Promise<void> {
    this.released.push(sha256)
  }
}

const neverOpened: OpenAnswer = { ok: false, problem: 'missing', reason: 'this test opens no file' }

export function ran(...outputs: NamedTensor[]): InferenceAnswer {
  return { ok: true, outputs, durationMs: 0.5 }
}

export function tensor(name: string, dims: readonly number[], value: (i: number) => number): NamedTensor {
  const count = dims.reduce((product, dim) => product * dim, 1)
  return { name, dims, values: Float32Array.from({ length: count }, (_, i) => value(i)) }
}
