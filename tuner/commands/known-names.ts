import { UsageError } from '#core/errors/app-error'
import type { ErrorCode } from '#core/errors/codes'
import type { RegimeBook } from '#core/regimes/book'
import { findRegime } from '#core/regimes/timeline'
import { nearestName } from '#core/text/nearest-name'

/** What a person named on the command line; each must be known before anything is opened, asked or written. */
export interface NamedOptions {
  readonly asset?: readonly string[] | undefined
  readonly competition?: string | undefined
  readonly regime?: string | undefined
}

/** The rules' own names, and the assets of the journal, which may have come from other rules. */
export function checkNames(book: RegimeBook, recorded: readonly string[], named: NamedOptions): void {
  const asked = book.regimes.flatMap(({ promptProfiles }) => promptProfiles.flatMap(({ assets }) => assets))
  for (const asset of named.asset ?? []) checkName('ASSET_UNKNOWN', 'asset', asset, [...recorded, ...asked])
  const keys = book.regimes.flatMap(({ competitions }) => competitions.map(({ key }) => key))
  if (named.competition !== undefined) checkName('COMPETITION_UNKNOWN', 'competition', named.competition, keys)
  if (named.regime !== undefined) findRegime(book, named.regime)
}

function checkName(code: ErrorCode, kind: string, name: string, names: readonly string[]): void {
  const known = [...new Set(names)].sort()
  if (known.includes(name)) return
  const near = nearestName(name, known)
  throw new UsageError(code, `No ${kind} is called ${name}.`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${known.join(', ')}.`,
  })
}
