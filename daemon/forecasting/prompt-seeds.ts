import { SplitMix64 } from '#core/base/random/rng'
import { type Prompt, promptKey } from '#core/synth/prompts/prompt'

/**
 * The seed of each prompt's paths: of the process's own start seed, which is no secret, and of what is asked. Who knows
 * the journal's seed can draw the paths again; nothing else is to be learned from it.
 */
export class PromptSeeds {
  readonly #root: SplitMix64

  constructor(processSeed: bigint) {
    this.#root = new SplitMix64(processSeed)
  }

  /** 64 bits; the same whenever it is asked for. */
  seedOf(prompt: Prompt): bigint {
    return this.#root.fork(promptKey(prompt)).nextUint64()
  }
}
