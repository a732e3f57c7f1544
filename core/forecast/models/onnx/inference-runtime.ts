/** The port to what runs models. Nothing here throws: a model's failure is a result. */
export interface InferenceRuntime {
  /** Reads the file once, compares its hash, and only then gives these exact bytes to the runtime. */
  open(file: ModelFile): Promise<OpenAnswer>
  run(request: InferenceRequest): Promise<InferenceAnswer>
  /** Frees what `open` allocated. */
  release(sha256: string): Promise<void>
}

export interface ModelFile {
  readonly path: string
  readonly sha256: string
}

export interface NamedTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array
}

/** A dimension that is a word may have any size. */
export interface TensorShape {
  readonly name: string
  readonly type: string
  readonly dims: readonly (number | string)[]
}

export interface OpenedModel {
  readonly sizeBytes: number
  readonly format: FileFormat
  readonly inputs: readonly TensorShape[]
  readonly outputs: readonly TensorShape[]
  readonly openMs: number
}

/** What an ONNX file says about itself before its graph. */
export interface FileFormat {
  readonly ir: number
  /** The version of the standard operators; 0 when the file names none. */
  readonly opset: number
  /** Other sets of operators that the file needs. */
  readonly domains: readonly string[]
  readonly producer: string
}

export interface InferenceRequest {
  readonly sha256: string
  /** Of a model that is another process; it needs no `open`. */
  readonly url?: string | undefined
  readonly inputs: readonly NamedTensor[]
  readonly outputs: readonly string[]
  /** Counted from the start of the model's own run; a longer run is killed. */
  readonly deadlineMs: number
}

export type FileProblem = 'missing' | 'empty' | 'tooLarge' | 'wrongHash' | 'unreadable'
export type RunProblem = 'overran' | 'died' | 'threw' | 'badOutput' | 'otherVersion'

export type OpenAnswer =
  | { readonly ok: true; readonly model: OpenedModel }
  | { readonly ok: false; readonly problem: FileProblem | RunProblem; readonly reason: string }

export type InferenceAnswer =
  | { readonly ok: true; readonly outputs: readonly NamedTensor[]; readonly durationMs: number }
  | { readonly ok: false; readonly problem: RunProblem; readonly reason: string }
