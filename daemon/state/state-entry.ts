import { encodeState } from '#core/forecast/models/state'
import type { AssetState } from '#core/forecast/models/states/asset-state'
import type { StoredState } from '#core/forecast/models/states/state-store'
import type { MinuteSeries } from '#core/market/minutes/minute-store'

/** One asset in memory. */
export interface StateEntry {
  readonly asset: string
  series: MinuteSeries | undefined
  state: AssetState
  /** Closes of the series when the state had last read everything. */
  closesStored: number
  hasChanged: boolean
}

/** What is stored of it: nothing before its first close. */
export function toRows({ series, state, closesStored }: StateEntry): StoredState[] {
  const { ewma, memories, seenToMs } = state
  if (series === undefined || ewma.state === undefined) return []
  const common = { series, seenToMs, closesTaken: ewma.closesTaken, closesStored }
  const rows: StoredState[] = [{ ...common, part: 'ewma', text: encodeState(ewma.state) }]
  for (const [horizon, { memory }] of memories) {
    const snapshot = memory.snapshot()
    if (snapshot !== undefined) rows.push({ ...common, part: horizon, text: encodeState(snapshot) })
  }
  return rows
}
