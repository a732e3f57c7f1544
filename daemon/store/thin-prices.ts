import type { Stored } from '#core/base/store/stored'
import { dayMs } from '#core/base/time/units'
import type { JournalConfig } from '../journal/config.ts'
import { repeatStep, type ThinningDeps } from './repeat-step.ts'

export interface StoredPrices {
  /** One short step, on the thread that writes; `done` is 0 at the end. */
  drop(limits: { readonly scoredBeforeMs: number; readonly mostBytes: number }): Promise<
    Stored<{
      readonly done: number
      /** Their recipe makes other prices, so the stored ones stay. */
      readonly unrepeatable: number
    }>
  >
  /** One short step of making the file smaller; returns by how many bytes. */
  release(keepBytes: number): Promise<Stored<number>>
  unused(): Promise<Stored<{ readonly bytes: number; readonly canShrink: boolean }>>
}

/** Prices of a few hours are written into it again: the file would only grow back. */
export const keepBytes = 64_000_000
/** From here on it is worth stopping the miner for. */
const worthShrinkingBytes = 1_000_000_000

/**
 * Drops the prices of scored predictions that their recipe makes again, and gives the space back. False: it failed, and
 * the next tick continues.
 */
export async function thinPrices(
  { prices, ...deps }: ThinningDeps & { readonly prices: StoredPrices },
  { pricesDays, pricesBytes }: Pick<JournalConfig, 'pricesDays' | 'pricesBytes'>,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, log } = deps
  let unrepeatable = 0
  const drop = async (): Promise<Stored<number>> => {
    const scoredBeforeMs = clock.nowMs() - pricesDays * dayMs
    const step = await prices.drop({ scoredBeforeMs, mostBytes: pricesBytes })
    if (!step.ok) return step
    unrepeatable += step.value.unrepeatable
    return { ok: true, value: step.value.done }
  }
  const done = await repeatStep(deps, 'prediction_paths', drop, signal)
  if (unrepeatable > 0) {
    const fields = { event: 'retention.prices_stay', predictions: unrepeatable }
    log.warn(fields, 'Their recipe makes other prices than were served, so the stored prices of predictions stay')
  }
  if (done === undefined) return false
  if (done > unrepeatable) {
    const fields = { event: 'retention.prices_dropped', predictions: done - unrepeatable, days: pricesDays }
    log.info(fields, 'Prices were dropped that their recipe makes again')
  }
  const released = await repeatStep(deps, 'pages', () => prices.release(keepBytes), signal)
  if (released === undefined) return false
  const unused = await prices.unused()
  if (unused.ok && !unused.value.canShrink && unused.value.bytes > worthShrinkingBytes) {
    const fields = { event: 'retention.cannot_shrink', unusedBytes: unused.value.bytes }
    log.info(fields, 'The file of an older release uses this space again, but gives it back only to "miner shrink"')
  }
  return true
}
