import { buildRegimeBook } from '#core/synth/regimes/book'
import type { Competition, Regime } from '#core/synth/regimes/regime'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { findRegime } from '#core/synth/regimes/timeline'

const book = buildRegimeBook(builtInRegimes)

/** The regimes that the vectors were made under. */
export const vectorRegimes: Readonly<Record<'may' | 'july' | 'september', Regime>> = {
  may: findRegime(book, '2026-05'),
  july: findRegime(book, '2026-07-23'),
  september: findRegime(book, '2026-09-22'),
}

export function competitionOf(regime: Regime, key: string): Competition {
  const competition = regime.competitions.find((candidate) => candidate.key === key)
  if (competition === undefined) throw new Error(`${regime.id} has no competition ${key}`)
  return competition
}
