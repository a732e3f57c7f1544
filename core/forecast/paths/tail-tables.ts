import { makeQuantileTable } from './distributions/quantile-table.ts'
import { normalStrata, varianceStrata } from './distributions/strata.ts'
import { lawOf } from './distributions/symmetric-law.ts'
import type { Tails } from './process-parameters.ts'

/** Tables take milliseconds to make and a few kilobytes to keep; an asset keeps its tails from prompt to prompt. */
export class TailTables {
  readonly #quantiles = new RecentValues<Float64Array>(24)
  readonly #normalStrata = new RecentValues<Float64Array>(8)
  readonly #varianceStrata = new RecentValues<Float64Array | undefined>(24)

  quantileTable(tails: Tails): Float64Array {
    return this.#quantiles.getOrMake(JSON.stringify(tails), () => makeQuantileTable(lawOf(tails)))
  }

  normalStrata(count: number): Float64Array {
    return this.#normalStrata.getOrMake(`${count}`, () => normalStrata(count))
  }

  varianceStrata(tails: Tails, count: number): Float64Array | undefined {
    return this.#varianceStrata.getOrMake(`${count} ${JSON.stringify(tails)}`, () => varianceStrata(tails, count))
  }
}

/** Drops the table that was used least recently. */
class RecentValues<Value> {
  readonly #limit: number
  readonly #values = new Map<string, Value>()

  constructor(limit: number) {
    this.#limit = limit
  }

  getOrMake(key: string, make: () => Value): Value {
    const isKnown = this.#values.has(key)
    const value = isKnown ? (this.#values.get(key) as Value) : make()
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break
      this.#values.delete(oldest)
    }
    return value
  }
}
