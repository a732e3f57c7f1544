import type { Prompt } from '#core/synth/prompts/prompt'

/**
 * Makes the text of the answer to one prompt, within deadlines of its own. It is asked once for prompts that are equal and
 * go to the same hotkey,
 * and does the work on other threads than the one that serves requests.
 */
export interface AnswerTextMaker {
  makeAnswerText(prompt: Prompt, receiver?: string): Promise<AnswerText>
}

export type AnswerText =
  | {
      readonly ok: true
      /** JSON text of `simulation_output`: start time, step, then one list of prices a path. */
      readonly outputJson: Uint8Array
      /** The same as a piece of a deflate stream (../paths/deflate-text.ts), for callers that take it compressed. */
      readonly deflated?: Uint8Array
      /** Gives the memory of `outputJson` back, once nobody reads it any more. */
      readonly release?: () => void
      /** What the log says of it besides: rung, model, times. */
      readonly facts?: Readonly<Record<string, string | number | boolean>>
    }
  | { readonly ok: false; readonly reason: AnswerTextFailure; readonly detail: string }

/** `priceUnavailable`: no start price that may be used; `failed`: a forecast that may not be sent. */
export type AnswerTextFailure = 'priceUnavailable' | 'failed'
