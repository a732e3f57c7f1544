import { blendMembers, championModels, replayModels } from '#core/forecast/models/model-names'
import { venueIds } from '#core/market/venues/venue'
import type { RegimeBook } from '#core/synth/regimes/book'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { parameterNames } from '#core/tuning/governance/parameter-catalogue'
import { servedModel } from '#core/tuning/replay/prediction-score'
import { horizonNames } from './options/horizon.ts'

export interface CompletionSources {
  /** Those of the configuration. */
  readonly assets: () => readonly string[]
  readonly book: () => RegimeBook
  readonly nowMs: () => number
  /** Recipes that come with the program; a file is typed. */
  readonly presets: () => readonly string[]
}

/** What a shell offers, by the name of the option or argument. */
export function completionValues({
  assets,
  book,
  nowMs,
  presets,
}: CompletionSources): Readonly<Record<string, () => readonly string[]>> {
  const regimes = () => book().regimes.map(({ id }) => id)
  return {
    asset: assets,
    assets,
    parameter: () => parameterNames(championModels),
    // For a champion; a number is typed.
    value: () => championModels,
    competition: () => resolveAverageRules(book(), { updateAtMs: nowMs() }).competitions.map(({ key }) => key),
    model: () => [servedModel, ...replayModels],
    compare: () => replayModels,
    models: () => blendMembers(championModels),
    horizon: () => horizonNames,
    regime: regimes,
    recipe: presets,
    venue: () => venueIds,
  }
}
