import { hourMs, minuteMs } from '#core/base/time/units'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'

/** An older close says little about the price now. */
const reachMs = 6 * hourMs

/** The last recorded close of each asset from the scored venue. */
export function readLastCloses(
  deps: { store: MinuteReader; sources: PriceSourceLookup },
  assets: readonly string[],
  nowMs: number,
): Map<string, number> {
  const closes = new Map<string, number>()
  const toMs = Math.floor(nowMs / minuteMs) * minuteMs
  for (const asset of assets) {
    const source = deps.sources(asset, nowMs)
    if (source === undefined) continue
    const last = deps.store.lastClose({ asset, ...source }, toMs - reachMs, toMs)
    if (last !== undefined) closes.set(asset, last.close)
  }
  return closes
}
