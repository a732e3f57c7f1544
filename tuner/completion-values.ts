import { builtInModels, parameterNames } from '#core/governance/parameter-catalogue'
import { venueIds } from '#core/market/venue'
import type { RegimeBook } from '#core/regimes/book'
import { resolveAverageRules } from '#core/regimes/resolve'
import { replayModels } from '#core/replay/model-spec'
import { servedModel } from '#core/replay/prediction-score'

export interface CompletionSources {
  /** Those of the configuration. */
  readonly assets: () => readonly string[]
  readonly book: () => RegimeBook
  readonly nowMs: () => number
}

/** What a shell offers, by the name of the option or argument. */
export function completionValues({
  assets,
  book,
  nowMs,
}: CompletionSources): Readonly<Record<string, () => readonly string[]>> {
  const regimes = () => book().regimes.map(({ id }) => id)
  return {
    asset: assets,
    assets,
    parameter: () => parameterNames(builtInModels),
    // Of a champion; a number is typed.
    value: () => builtInModels,
    competition: () => resolveAverageRules(book(), { updateAtMs: nowMs() }).competitions.map(({ key }) => key),
    model: () => [servedModel, ...replayModels],
    compare: () => replayModels,
    regime: regimes,
    venue: () => venueIds,
  }
}
