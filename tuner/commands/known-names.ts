import { UsageError } from '#core/errors/app-error'
import type { RegimeBook } from '#core/regimes/book'
import { nearestName } from '#core/text/nearest-name'

/** Each must be one of `known`; the nearest name when it is not. */
export function checkAssets(named: readonly string[] | undefined, known: readonly string[]): void {
  for (const asset of named ?? []) if (!known.includes(asset)) throw unknown('ASSET_UNKNOWN', 'asset', asset, known)
}

export function checkCompetition({ regimes }: RegimeBook, key: string | undefined): void {
  const known = [...new Set(regimes.flatMap(({ competitions }) => competitions.map((one) => one.key)))].sort()
  if (key !== undefined && !known.includes(key)) throw unknown('COMPETITION_UNKNOWN', 'competition', key, known)
}

/** Everything that any rules ever asked for. */
export function assetsOf({ regimes }: RegimeBook): string[] {
  return regimes.flatMap(({ promptProfiles }) => promptProfiles.flatMap(({ assets }) => assets))
}

function unknown(code: 'ASSET_UNKNOWN' | 'COMPETITION_UNKNOWN', kind: string, name: string, known: readonly string[]) {
  const near = nearestName(name, known)
  return new UsageError(code, `No ${kind} is called ${name}.`, {
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${known.join(', ')}.`,
  })
}
