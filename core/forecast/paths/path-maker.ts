import type { Prompt } from '#core/synth/prompts/prompt'

/**
 * Makes the forecast of one prompt. The same port whatever stands behind it; it is asked once for prompts that are
 * equal, and the work must not be done on the thread that serves requests.
 */
export interface PathMaker {
  makePaths(prompt: Prompt, signal: AbortSignal): Promise<PathAnswer>
}

export type PathAnswer =
  | {
      readonly ok: true
      /** JSON text of `simulation_output`: start time, step, then one list of prices a path. */
      readonly outputJson: Uint8Array
      /** The same as a piece of a deflate stream (./deflate-text.ts), for callers that take it compressed. */
      readonly deflated?: Uint8Array
      /** Gives the memory of `outputJson` back, once nobody reads it any more. */
      readonly release?: () => void
      /** What the log says of it besides: rung, model, times. */
      readonly facts?: Readonly<Record<string, string | number | boolean>>
    }
  | { readonly ok: false; readonly reason: PathFailure; readonly detail: string }

/** `priceUnavailable`: no start price that may be used; `failed`: a forecast that may not be sent. */
export type PathFailure = 'priceUnavailable' | 'failed'
