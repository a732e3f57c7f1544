import type { BoundFeature } from '#core/forecast/models/onnx/feature'
import { MarketRows } from '#core/forecast/models/onnx/market-rows'
import { MinuteFacts } from '#core/forecast/models/onnx/minute-facts'
import type { MinuteWindow } from '#core/forecast/models/onnx/recent-closes'
import { features } from '#tests/support/onnx-models'

/** The values of one feature before normalisation, in double precision. */
export function featureColumn(
  feature: object,
  window: MinuteWindow,
  { rows, stepMinutes }: { readonly rows: number; readonly stepMinutes: number },
): number[] {
  const { definition, settings }: BoundFeature = features.past.parse(feature)
  const minutes = new MinuteFacts(window)
  if (definition.source === 'market') {
    return Array.from(definition.values(settings, new MarketRows(window, minutes, rows, stepMinutes)))
  }
  const middleMs = (row: number): number =>
    window.endsAtMs - ((rows - 1 - row) * stepMinutes + stepMinutes / 2) * 60_000
  const past = { minutes, endsAtMs: window.endsAtMs }
  return Array.from({ length: rows }, (_, row) => definition.at(settings, middleMs(row), past))
}
