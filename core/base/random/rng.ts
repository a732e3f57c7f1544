/** Seeded random numbers. Forks are independent of their parent and of each other, and repeatable. */
export interface Rng {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  next(): number
  fork(label: string): Rng
}

const mask64 = (1n << 64n) - 1n

/** splitmix64: small, seekable, and the generator that the golden recipes are written in. */
export class SplitMix64 implements Rng {
  readonly #seed: bigint
  #state: bigint

  constructor(seed: bigint) {
    this.#seed = seed & mask64
    this.#state = this.#seed
  }

  nextUint64(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask64
    let z = this.#state
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask64
    return z ^ (z >> 31n)
  }

  next(): number {
    return Number(this.nextUint64() >> 11n) * 2 ** -53
  }

  fork(label: string): SplitMix64 {
    // FNV-1a of the label, mixed with the seed and not the state: a fork does not depend on how much was drawn before.
    let hash = 0xcbf29ce484222325n
    for (let i = 0; i < label.length; i += 1) hash = ((hash ^ BigInt(label.charCodeAt(i))) * 0x100000001b3n) & mask64
    return new SplitMix64(new SplitMix64(this.#seed ^ hash).nextUint64())
  }
}
