import type { Prompt } from '#core/synth/prompts/prompt'
import type { PathRecipe } from '../journal/prediction-record.ts'

export interface EnsembleJob {
  readonly prompt: Prompt
  readonly recipe: PathRecipe
}

/** Turns a recipe into the checked text of an answer, on another thread. */
export interface EnsembleMaker {
  /** The expected time until this job is done, including the jobs before it. An estimate from recent jobs. */
  expectMs(job: EnsembleJob): number
  /** Never rejects. When the signal comes, the work is terminated. */
  make(job: EnsembleJob, signal: AbortSignal): Promise<EnsembleAnswer>
}

export type EnsembleAnswer = ({ readonly ok: true } & Ensemble) | EnsembleFailure

export interface Ensemble {
  /** JSON text of `simulation_output`. */
  readonly outputJson: Uint8Array<ArrayBuffer>
  /** The same as a piece of a deflate stream (../paths/deflate-text.ts), with `deflatedRoom` around it. */
  readonly deflated: Uint8Array<ArrayBuffer>
  /** SHA-256 of the text, in hex. */
  readonly outputHash: string
  /** Without the time in the queue. */
  readonly tookMs: { readonly sample: number; readonly write: number; readonly check: number }
  /** The paths were drawn before the request. */
  readonly isPrepared: boolean
  /** Gives the text's memory back; nobody may read it any more. Without this call the garbage collector frees it. */
  readonly release?: () => void
}

/** Free bytes before and after the deflated piece, so that the rest of an answer is added without a copy. */
export const deflatedRoom = { front: 2_048, back: 64 } as const

/** `badOutput`: paths that may not be sent; `died`: the thread ended; `overran`: stopped by the signal. */
export interface EnsembleFailure {
  readonly ok: false
  readonly kind: 'badOutput' | 'died' | 'overran'
  readonly detail: string
}
