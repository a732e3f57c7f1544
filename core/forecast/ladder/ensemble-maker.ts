import type { Prompt } from '#core/synth/prompts/prompt'
import type { PathRecipe } from '../journal/prediction-record.ts'

export interface EnsembleJob {
  readonly prompt: Prompt
  readonly recipe: PathRecipe
}

/** Turns a recipe into the checked text of an answer, on another thread. */
export interface EnsembleMaker {
  /** How long it would be until this job is done, those before it included. A guess from how long others took. */
  expectMs(job: EnsembleJob): number
  /** Never rejects. Whatever is at work when the signal comes is stopped for good. */
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
  /** The paths were drawn before they were asked for. */
  readonly isPrepared: boolean
  /** Gives the text's memory back; nobody may read it any more. Who does not call it leaves that to the collector. */
  readonly release?: () => void
}

/** Bytes left free in front of the deflated piece and behind it, so that an answer is put around it without a copy. */
export const deflatedRoom = { front: 2_048, back: 64 } as const

/** `badOutput`: paths that may not be sent; `died`: the thread ended; `overran`: stopped by the signal. */
export interface EnsembleFailure {
  readonly ok: false
  readonly kind: 'badOutput' | 'died' | 'overran'
  readonly detail: string
}
