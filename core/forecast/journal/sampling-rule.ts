import { hourMs, minuteMs } from '#core/base/time/units'
import { horizonOf } from '#core/synth/prompts/horizon'
import { meanStepVariances } from '../paths/process-parameters.ts'
import { lastSessionEdgeMs } from './new-york-session.ts'
import type { RecordReason, ServedPrediction } from './prediction-record.ts'
import { eventAround, type ScheduledEvent } from './scheduled-events.ts'

export interface SamplingOptions {
  /** `all` keeps every prediction; `sampled` uses the intervals and events below. */
  readonly mode: 'sampled' | 'all'
  /** Least time between two kept predictions of an asset that are longer than an hour. */
  readonly dayEveryMs: number
  /** The same for those of an hour or less. */
  readonly hourEveryMs: number
  readonly volatilityEvents: boolean
  readonly sessionEdges: boolean
  readonly calendarEvents: boolean
  /** Beside those that we know. */
  readonly addedEvents: readonly ScheduledEvent[]
}

export interface Sample {
  readonly reason: RecordReason
  /** The name of the event, if that is the reason. */
  readonly event?: string
  /** It was not kept in the end: the next one is judged as if this one had not been kept. */
  revoke(): void
}

/**
 * A move since the last prompt of this many standard deviations of that prompt's forecast: rare even with heavy tails.
 */
const spikeDeviations = 5
/** Volatility that has doubled or halved since the last kept forecast. */
const shiftRatio = 2
const volatilityEventEveryMs = hourMs
/** A prompt belongs to a bell if it comes within this time after it. */
const edgeWindowMs = 15 * minuteMs
/** After a longer pause a move does not show how sudden it was. */
const longestMoveMs = hourMs

interface Kept {
  readonly intervalAtMs: number
  readonly volatilityAtMs: number
  readonly edgeMs: number
  readonly varianceRate: number
}

interface Seen {
  readonly priceUsd: number
  readonly atMs: number
  /** Variance per second at the start of its forecast. */
  readonly varianceRate: number
}

/**
 * Which served predictions are kept. By asset and horizon: the first one, then one per interval. In addition: those
 * after a jump of price or volatility (at most one an hour), those that follow the bell in New York, and all around an
 * announcement.
 */
export class SamplingRule {
  readonly #options: SamplingOptions
  readonly #kept = new Map<string, Kept>()
  readonly #seen = new Map<string, Seen>()

  constructor(options: SamplingOptions) {
    this.#options = options
  }

  /** Ask it about every prediction, in the order in which they were served. Undefined: it is not kept. */
  consider(record: ServedPrediction): Sample | undefined {
    if (this.#options.mode === 'all') return { reason: 'all', revoke: () => {} }
    const { asset, lengthSeconds, stepSeconds } = record.prompt
    const key = `${asset}/${lengthSeconds}/${stepSeconds}`
    const nowMs = record.receivedAtMs
    const varianceRate = startVarianceRate(record)
    const isSpike = this.#noteMove(record, varianceRate)

    const before = this.#kept.get(key)
    const edgeMs = lastSessionEdgeMs(nowMs)
    const isAtEdge = this.#options.sessionEdges && nowMs - edgeMs < edgeWindowMs && edgeMs > (before?.edgeMs ?? 0)
    const isVolatile = this.#isVolatile(before, isSpike, varianceRate, nowMs)
    const { calendarEvents, addedEvents } = this.#options
    const event = calendarEvents ? eventAround(nowMs, addedEvents)?.name : undefined
    const reason = this.#reasonFor(before, lengthSeconds, nowMs, {
      isAtEdge,
      isVolatile,
      isScheduled: event !== undefined,
    })
    if (reason === undefined) return undefined

    const isDue = reason === 'first' || reason === 'interval'
    this.#kept.set(key, {
      // Events are additional: they do not delay the next regular one.
      intervalAtMs: isDue ? nowMs : before!.intervalAtMs,
      volatilityAtMs: isVolatile ? nowMs : (before?.volatilityAtMs ?? Number.NEGATIVE_INFINITY),
      edgeMs: Math.max(edgeMs, before?.edgeMs ?? 0),
      varianceRate,
    })
    const revoke = () => {
      if (before === undefined) this.#kept.delete(key)
      else this.#kept.set(key, before)
    }
    return reason === 'event' && event !== undefined ? { reason, event, revoke } : { reason, revoke }
  }

  #reasonFor(
    before: Kept | undefined,
    lengthSeconds: number,
    nowMs: number,
    events: { readonly isAtEdge: boolean; readonly isVolatile: boolean; readonly isScheduled: boolean },
  ): RecordReason | undefined {
    if (before === undefined) return 'first'
    const { dayEveryMs, hourEveryMs } = this.#options
    const elapsedMs = nowMs - before.intervalAtMs
    // A clock that was set back must not stop the journal until the clock has caught up.
    const everyMs = horizonOf(lengthSeconds) === 'high' ? hourEveryMs : dayEveryMs
    if (elapsedMs < 0 || elapsedMs >= everyMs) return 'interval'
    if (events.isAtEdge) return 'sessionEdge'
    if (events.isScheduled) return 'event'
    return events.isVolatile ? 'volatility' : undefined
  }

  #isVolatile(before: Kept | undefined, isSpike: boolean, varianceRate: number, nowMs: number): boolean {
    if (!this.#options.volatilityEvents || before === undefined) return false
    const elapsedMs = nowMs - before.volatilityAtMs
    if (elapsedMs >= 0 && elapsedMs < volatilityEventEveryMs) return false
    if (isSpike) return true
    if (!(varianceRate > 0 && before.varianceRate > 0)) return false
    const ratio = Math.sqrt(varianceRate / before.varianceRate)
    return ratio > shiftRatio || ratio < 1 / shiftRatio
  }

  /** Whether the price has moved since the asset's last prompt by more than that prompt's forecast expected. */
  #noteMove({ prompt, price }: ServedPrediction, varianceRate: number): boolean {
    const last = this.#seen.get(prompt.asset)
    this.#seen.set(prompt.asset, { priceUsd: price.usd, atMs: price.publishedAtMs, varianceRate })
    if (last === undefined || !(last.varianceRate > 0)) return false
    const elapsedMs = price.publishedAtMs - last.atMs
    if (elapsedMs <= 0 || elapsedMs > longestMoveMs) return false
    const move = Math.abs(Math.log(price.usd / last.priceUsd))
    return move > spikeDeviations * Math.sqrt((last.varianceRate * elapsedMs) / 1_000)
  }
}

function startVarianceRate({ recipe: { forecast } }: ServedPrediction): number {
  return (meanStepVariances(forecast)[0] ?? 0) / forecast[0].process.stepSeconds
}
