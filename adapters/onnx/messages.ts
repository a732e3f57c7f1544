import type { FileFormat, FileProblem, NamedTensor, TensorShape } from '#core/forecast/models/onnx/inference-runtime'

/** Between the miner and its inference process; typed arrays travel as they are. One question at a time. */
export type ProcessQuestion =
  | { readonly kind: 'open'; readonly path: string; readonly sha256: string; readonly maxBytes: number }
  | {
      readonly kind: 'run'
      readonly sha256: string
      readonly inputs: readonly NamedTensor[]
      readonly outputs: readonly string[]
    }
  | { readonly kind: 'release'; readonly sha256: string }

export type ProcessReply =
  | {
      readonly kind: 'opened'
      readonly sizeBytes: number
      readonly format: FileFormat
      readonly inputs: readonly TensorShape[]
      readonly outputs: readonly TensorShape[]
      readonly openMs: number
    }
  | { readonly kind: 'ran'; readonly outputs: readonly NamedTensor[]; readonly durationMs: number }
  | { readonly kind: 'released' }
  | { readonly kind: 'refused'; readonly problem: FileProblem | 'threw'; readonly reason: string }
