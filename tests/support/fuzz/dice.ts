import { SplitMix64 } from '#core/base/random/rng'

/** Seeded choices for the fuzzer. */
export class Dice {
  readonly #rng: SplitMix64

  constructor(seed: bigint) {
    this.#rng = new SplitMix64(seed)
  }

  below(limit: number): number {
    return Math.floor(this.#rng.next() * limit)
  }

  chance(share: number): boolean {
    return this.#rng.next() < share
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  text(maxLength: number): string {
    const alphabet = '0123456789abcdefxXeE+-._: ;,"\'\\/%$#{}[]()<>=&?!~\u00e9'
    return Array.from({ length: this.below(maxLength + 1) }, () => this.pick([...alphabet])).join('')
  }
}
