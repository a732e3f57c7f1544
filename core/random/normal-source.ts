import { SplitMix64 } from './rng.ts'

/**
 * Standard normal numbers by the million: xoshiro128++ in 32-bit integers and Marsaglia's polar method. A SplitMix64
 * step in bigints costs more than the whole draw here, so it only makes the seed.
 */
export class NormalSource {
  readonly #state = new Uint32Array(4)
  #spare = Number.NaN

  constructor(seed: bigint) {
    const seeder = new SplitMix64(seed)
    for (let i = 0; i < 4; i += 2) {
      const word = seeder.nextUint64()
      this.#state[i] = Number(word & 0xffffffffn)
      this.#state[i + 1] = Number(word >> 32n)
    }
    // The one state from which xoshiro never leaves.
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1
  }

  next(): number {
    const spare = this.#spare
    if (!Number.isNaN(spare)) {
      this.#spare = Number.NaN
      return spare
    }
    for (;;) {
      const u = 2 * this.#uniform() - 1
      const v = 2 * this.#uniform() - 1
      const squared = u * u + v * v
      if (squared >= 1 || squared === 0) continue
      const factor = Math.sqrt((-2 * Math.log(squared)) / squared)
      this.#spare = v * factor
      return u * factor
    }
  }

  /** In [0, 1) with 53 random bits. */
  #uniform(): number {
    const high = this.#nextUint32() >>> 5
    const low = this.#nextUint32() >>> 6
    return (high * 67_108_864 + low) * 2 ** -53
  }

  #nextUint32(): number {
    const s = this.#state
    const s0 = s[0]!
    const s1 = s[1]!
    const s2 = s[2]!
    const s3 = s[3]!
    const sum = (s0 + s3) | 0
    const result = ((sum << 7) | (sum >>> 25)) + s0
    const next2 = s2 ^ s0
    const next3 = s3 ^ s1
    s[1] = s1 ^ next2
    s[0] = s0 ^ next3
    s[2] = next2 ^ (s1 << 9)
    s[3] = (next3 << 11) | (next3 >>> 21)
    return result >>> 0
  }
}
