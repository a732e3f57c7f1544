import { dayMs, minuteMs } from '#core/base/time/units'
import { LevelGate } from '../gates/level-gate.ts'
import type { MinuteClose, MinuteHistory } from '../venues/minute-history.ts'
import { permanentFailures, type VenueFailureReason, type VenueId } from '../venues/venue.ts'
import type { MinuteSpan } from './coverage.ts'
import type { MinuteOrigin, MinuteSeries, MinuteStore, WriteOutcome } from './minute-store.ts'
import { type SettledMinutes, settleMinutes } from './settle-minutes.ts'

export interface AskAnswered {
  readonly ok: true
  readonly settled: SettledMinutes
  readonly outcome: WriteOutcome
  readonly answeredAtMs: number
}

export interface AskRefused {
  readonly ok: false
  /** Failures of venues keep their name; the last three are our own. */
  readonly reason: VenueFailureReason | 'jumped' | 'looksLikeAnother' | 'noAdapter'
  readonly message: string
  readonly retryAfterMs?: number
}

export type AskOutcome = AskAnswered | AskRefused

const permanent: ReadonlySet<AskRefused['reason']> = new Set([...permanentFailures, 'noAdapter'] as const)

/** Whether the same question can only fail again. */
export function isPermanent({ reason }: AskRefused): boolean {
  return permanent.has(reason)
}

/** Up to this distance from a new stretch, a stored close shows which level to expect. */
const neighbourMs = 30 * dayMs

/** Asks a venue for a stretch of minutes and stores the final ones. The recorder and `minutes backfill` both use it. */
export class MinuteFiller {
  readonly #store: MinuteStore
  readonly #histories: ReadonlyMap<VenueId, MinuteHistory>
  readonly #gate = new LevelGate()
  readonly #levels = new Map<string, { venue: VenueId; openAtMs: number; close: number }>()

  constructor(deps: { store: MinuteStore; histories: ReadonlyMap<VenueId, MinuteHistory> }) {
    this.#store = deps.store
    this.#histories = deps.histories
  }

  /**
   * `span` is the wanted stretch. The venue is asked up to `witnessToMs`, so that a candle after the span can prove
   * that its end is final. Throws only when the store does.
   */
  async ask(
    series: MinuteSeries,
    span: MinuteSpan,
    options: { witnessToMs: number; origin: MinuteOrigin },
    signal?: AbortSignal,
  ): Promise<AskOutcome> {
    const history = this.#histories.get(series.venue)
    if (history === undefined) {
      return { ok: false, reason: 'noAdapter', message: `No history adapter is configured for ${series.venue}.` }
    }
    const toMs = Math.max(span.toMs, options.witnessToMs)
    const found = await history.fetchMinutes({ symbol: series.symbol, fromMs: span.fromMs, toMs }, signal)
    if (!found.ok) return found
    const settled = settleMinutes(found, span)
    const refused = this.#judgeLevel(series, settled)
    if (refused !== undefined) return refused
    const [outcome] = this.#store.write([{ series, batch: settled.batch, origin: options.origin }])
    return { ok: true, settled, outcome: outcome!, answeredAtMs: found.answeredAtMs }
  }

  /** Call it for every series that will be requested: the gate then knows their levels before the first answer. */
  learnLevel(series: MinuteSeries, nowMs: number): void {
    const last = this.#store.lastClose(series, nowMs - neighbourMs, nowMs)
    if (last !== undefined) this.#levels.set(keyOf(series), { venue: series.venue, ...last })
  }

  #judgeLevel(series: MinuteSeries, { first, last }: SettledMinutes): AskRefused | undefined {
    const key = keyOf(series)
    if (first === undefined || last === undefined) return undefined
    const meeting = this.#meeting(series, first, last)
    if (meeting !== undefined) {
      const verdict = this.#gate.judge({
        key,
        close: meeting.offered.close,
        distanceMinutes: Math.abs(meeting.offered.openAtMs - meeting.stored.openAtMs) / minuteMs,
        neighbourClose: meeting.stored.close,
        otherCloses: [...this.#levels]
          .filter(([otherKey, other]) => otherKey !== key && other.venue === series.venue)
          .map(([, other]) => other.close),
      })
      if (verdict !== 'ok') {
        const what = verdict === 'jumped' ? 'a jump that must be seen again' : 'the level of another series there'
        return {
          ok: false,
          reason: verdict,
          message: `${series.venue} ${series.symbol} answers ${meeting.offered.close} next to ${meeting.stored.close}: ${what}.`,
        }
      }
    }
    const known = this.#levels.get(key)
    if (known === undefined || known.openAtMs <= last.openAtMs) {
      this.#levels.set(key, { venue: series.venue, ...last })
    }
    return undefined
  }

  /** Where the answer meets the stored minutes: before its first close; for the oldest stretch, after its last. */
  #meeting(
    series: MinuteSeries,
    first: MinuteClose,
    last: MinuteClose,
  ): { offered: MinuteClose; stored: MinuteClose } | undefined {
    const before = this.#store.lastClose(series, first.openAtMs - neighbourMs, first.openAtMs - minuteMs)
    if (before !== undefined) return { offered: first, stored: before }
    const after = this.#store.firstClose(series, last.openAtMs + minuteMs, last.openAtMs + neighbourMs)
    return after === undefined ? undefined : { offered: last, stored: after }
  }
}

export function keyOf(series: MinuteSeries): string {
  return `${series.asset} ${series.venue} ${series.symbol}`
}
