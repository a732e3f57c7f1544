import { minuteMs } from '#core/base/time/units'
import { kindOf, type MinuteKind } from './minute-day.ts'

/** Opening times of minutes, both ends included. */
export interface MinuteSpan {
  readonly fromMs: number
  readonly toMs: number
}

export interface KindSpan extends MinuteSpan {
  readonly kind: MinuteKind
}

export interface Coverage {
  readonly minutes: number
  readonly closes: number
  readonly gaps: number
  readonly unknown: number
  /** Runs without a close, in order: declared gaps and unknown minutes separately. */
  readonly holes: readonly KindSpan[]
}

export function minutesIn(span: MinuteSpan): number {
  return Math.max(0, Math.round((span.toMs - span.fromMs) / minuteMs) + 1)
}

/** Slots of consecutive minutes, cut into runs of one kind. */
export function cutByKind(slots: Float64Array, fromMs: number): KindSpan[] {
  const spans: KindSpan[] = []
  let start = 0
  for (let i = 1; i <= slots.length; i += 1) {
    const kind = kindOf(slots[start]!)
    if (i < slots.length && kindOf(slots[i]!) === kind) continue
    spans.push({ kind, fromMs: fromMs + start * minuteMs, toMs: fromMs + (i - 1) * minuteMs })
    start = i
  }
  return spans
}

export function describeCoverage(slots: Float64Array, fromMs: number): Coverage {
  const total: Record<MinuteKind, number> = { close: 0, gap: 0, unknown: 0 }
  const holes: KindSpan[] = []
  for (const span of cutByKind(slots, fromMs)) {
    total[span.kind] += minutesIn(span)
    if (span.kind !== 'close') holes.push(span)
  }
  return { minutes: slots.length, closes: total.close, gaps: total.gap, unknown: total.unknown, holes }
}

/** The unknown runs of a range: the minutes to ask a venue for. */
export function unknownSpans(slots: Float64Array, fromMs: number): MinuteSpan[] {
  return cutByKind(slots, fromMs)
    .filter((span) => span.kind === 'unknown')
    .map((span) => ({ fromMs: span.fromMs, toMs: span.toMs }))
}
