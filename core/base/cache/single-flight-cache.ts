import type { Clock } from '../time/clock.ts'

export interface SingleFlightRules {
  readonly maxBytes: number
  readonly maxAgeMs: number
}

/** `sizeBytes` undefined means: return the result, but do not keep it. */
export interface Made<T> {
  readonly value: T
  readonly sizeBytes: number | undefined
}

interface Kept<T> {
  readonly value: T
  readonly sizeBytes: number
  readonly madeAtMs: number
}

/**
 * Work that several callers ask for at once is done once. The result is kept for a short time, within a limit of
 * memory.
 */
export class SingleFlightCache<T> {
  readonly #clock: Clock
  readonly #rules: SingleFlightRules
  readonly #flying = new Map<string, Promise<T>>()
  /** In the order in which they were made: the oldest comes first. */
  readonly #kept = new Map<string, Kept<T>>()
  #keptBytes = 0

  constructor(clock: Clock, rules: SingleFlightRules) {
    this.#clock = clock
    this.#rules = rules
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  get(key: string, make: () => Promise<Made<T>>): Promise<T> {
    this.#dropAged()
    const kept = this.#kept.get(key)
    if (kept !== undefined) return Promise.resolve(kept.value)
    let flight = this.#flying.get(key)
    if (flight === undefined) {
      flight = this.#fly(key, make)
      this.#flying.set(key, flight)
    }
    return flight
  }

  async #fly(key: string, make: () => Promise<Made<T>>): Promise<T> {
    try {
      // One turn later, so that the flight is registered before it can end.
      await undefined
      const { value, sizeBytes } = await make()
      if (sizeBytes !== undefined) this.#keep(key, value, sizeBytes)
      return value
    } finally {
      this.#flying.delete(key)
    }
  }

  #keep(key: string, value: T, sizeBytes: number): void {
    this.#kept.set(key, { value, sizeBytes, madeAtMs: this.#clock.monotonicMs() })
    this.#keptBytes += sizeBytes
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#rules.maxBytes) break
      this.#drop(oldest)
    }
  }

  #dropAged(): void {
    const limitMs = this.#clock.monotonicMs() - this.#rules.maxAgeMs
    for (const [key, kept] of this.#kept) {
      if (kept.madeAtMs > limitMs) break
      this.#drop(key)
    }
  }

  #drop(key: string): void {
    this.#keptBytes -= this.#kept.get(key)?.sizeBytes ?? 0
    this.#kept.delete(key)
  }
}
