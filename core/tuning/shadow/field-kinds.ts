import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import type { FieldKind } from './field.ts'

/** The prompts of the competitions at an instant. */
export function fieldKindsAt(
  book: RegimeBook,
  atMs: number,
): readonly (FieldKind & { readonly stepSeconds: number })[] {
  return resolveAverageRules(book, { updateAtMs: atMs }).competitions.flatMap(
    ({ assets, timeLengthSeconds, timeIncrementSeconds: stepSeconds }) =>
      assets.map((asset) => ({ asset, timeLengthSeconds, stepSeconds })),
  )
}
