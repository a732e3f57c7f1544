import { UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import type { RegimeBook } from '#core/synth/regimes/book'
import { findRegime } from '#core/synth/regimes/timeline'

/** Names on the command line; each must be known before anything is opened, requested or written. */
export interface NamedOptions {
  readonly asset?: readonly string[] | undefined
  readonly competition?: string | undefined
  readonly regime?: string | undefined
}

/** The rules' own names, and the assets of the journal, which may come from other rules. */
export function checkNames(book: RegimeBook, recorded: readonly string[], named: NamedOptions): void {
  const asked = book.regimes.flatMap(({ promptProfiles }) => promptProfiles.flatMap(({ assets }) => assets))
  checkAssets(named.asset, [...new Set([...recorded, ...asked])].sort())
  const keys = book.regimes.flatMap(({ competitions }) => competitions.map(({ key }) => key))
  const { competition } = named
  if (competition !== undefined && !keys.includes(competition)) {
    throw unknown('COMPETITION_UNKNOWN', 'competition', competition, [...new Set(keys)].sort())
  }
  if (named.regime !== undefined) findRegime(book, named.regime)
}

/** Each must be one of `known`; the error names the nearest one. */
export function checkAssets(named: readonly string[] | undefined, known: readonly string[]): void {
  for (const asset of named ?? []) if (!known.includes(asset)) throw unknown('ASSET_UNKNOWN', 'asset', asset, known)
}

function unknown(code: 'ASSET_UNKNOWN' | 'COMPETITION_UNKNOWN', kind: string, name: string, known: readonly string[]) {
  const near = nearestName(name, known)
  return new UsageError(code, `There is no ${kind} ${name}.`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${known.join(', ')}.`,
  })
}
