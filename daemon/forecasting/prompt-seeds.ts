import { SplitMix64 } from '#core/base/random/rng'
import { type Prompt, promptKey } from '#core/synth/prompts/prompt'

/**
 * The seed of each prompt's paths, made from the process's own start seed, which is not a secret, and from the prompt.
 * With the journal's seed the paths can be drawn again; it reveals nothing else.
 */
export class PromptSeeds {
  readonly #root: SplitMix64

  constructor(processSeed: bigint) {
    this.#root = new SplitMix64(processSeed)
  }

  /**
   * 64 bits; always the same for the same prompt to the same hotkey. Two hotkeys of one process never share a seed: equal
   * answers would look like copies of each other.
   */
  seedOf(prompt: Prompt, receiver = ''): bigint {
    return this.#root.fork(`${receiver} ${promptKey(prompt)}`).nextUint64()
  }
}
