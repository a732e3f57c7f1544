import { type Prompt, promptKey } from '#core/synth/prompts/prompt'
import type { PathRecipe } from '../journal/prediction-record.ts'
import type { EnsembleJob } from './ensemble-maker.ts'

interface Prepared {
  readonly prompt: Prompt
  readonly recipe: PathRecipe
  readonly growth: Float64Array<ArrayBuffer>
}

/**
 * Paths that were drawn for likely prompts, within a limit of memory. They are used only for exactly the recipe that
 * they were drawn from, so an answer is the same whether it was prepared or not.
 */
export class PreparedGrowth {
  readonly #maxBytes: number
  /** In the order of drawing. */
  readonly #kept = new Map<string, Prepared>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get keptBytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#kept.size
  }

  /** Makes room for one more of this size. */
  hasRoom(points: number): boolean {
    return this.#bytes + 8 * points <= this.#maxBytes
  }

  keepOnly(prompts: readonly Prompt[]): void {
    const keys = new Set(prompts.map(promptKey))
    for (const [key, { prompt }] of this.#kept) if (!keys.has(key)) this.drop(prompt)
  }

  has({ prompt, recipe }: EnsembleJob): boolean {
    const kept = this.#kept.get(promptKey(prompt))
    return kept !== undefined && isSameDraw(kept.recipe, recipe)
  }

  put({ prompt, recipe }: EnsembleJob, growth: Float64Array<ArrayBuffer>): void {
    this.drop(prompt)
    this.#kept.set(promptKey(prompt), { prompt, recipe, growth })
    this.#bytes += growth.byteLength
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#maxBytes) break
      this.drop(oldest.prompt)
    }
  }

  /** Hands it over: it is no longer here afterwards. */
  take(job: EnsembleJob): Float64Array<ArrayBuffer> | undefined {
    if (!this.has(job)) return undefined
    const growth = this.#kept.get(promptKey(job.prompt))?.growth
    this.drop(job.prompt)
    return growth
  }

  drop(prompt: Prompt): void {
    const key = promptKey(prompt)
    this.#bytes -= this.#kept.get(key)?.growth.byteLength ?? 0
    this.#kept.delete(key)
  }
}

/** Everything except the price. */
function isSameDraw(a: PathRecipe, b: PathRecipe): boolean {
  return (
    a.samplerVersion === b.samplerVersion &&
    a.seed === b.seed &&
    a.flatFirstPath === b.flatFirstPath &&
    isSame(a.arrangement, b.arrangement) &&
    isSame(a.forecast, b.forecast)
  )
}

/** Plain data: numbers, texts, lists, typed lists and records of them. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Float64Array) {
    return b instanceof Float64Array && a.length === b.length && a.every((value, i) => value === b[i])
  }
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  )
}
