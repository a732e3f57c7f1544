import { hourMs } from '#core/base/time/units'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { FieldPrompt, FieldWindow } from './field.ts'

const secondMs = 1000

/**
 * The updates of the validator that count newly scored prompts, ascending, and last the end of the period. The validator
 * publishes more often (every two to five minutes); an update between two of these counts the same prompts, but for
 * those that leave the window.
 */
export function listUpdates(
  book: RegimeBook,
  prompts: readonly Pick<FieldPrompt, 'scoredAtMs'>[],
  { fromMs, toMs }: FieldWindow,
): number[] {
  const scored = [...new Set(prompts.map(({ scoredAtMs }) => scoredAtMs))].sort((a, b) => a - b)
  const updates = scored
    .filter((atMs) => atMs > fromMs - hourMs && atMs < toMs)
    // The lag is an open end, so that the update has to come after it.
    .map((atMs) => atMs + secondMs * lagSeconds(book, atMs) + secondMs)
    .filter((updateAtMs) => updateAtMs > fromMs && updateAtMs < toMs)
  return [...updates, toMs]
}

/** At most so many of them, evenly, and always the last. */
export function thinUpdates(updates: readonly number[], most: number): number[] {
  const step = Math.max(1, Math.ceil(updates.length / most))
  return updates.filter((_, i) => (updates.length - 1 - i) % step === 0)
}

function lagSeconds(book: RegimeBook, updateAtMs: number): number {
  return resolveAverageRules(book, { updateAtMs }).average.newestRowLagSeconds
}
