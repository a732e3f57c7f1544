import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#core/base/time/units'
import { aPrompt, aServed } from '#tests/support/served-prediction'
import { singlePart } from '../paths/process-parameters.ts'
import { lastSessionEdgeMs } from './new-york-session.ts'
import type { RecordReason, ServedPrediction } from './prediction-record.ts'
import { type SamplingOptions, SamplingRule } from './sampling-rule.ts'

// A Sunday: no bell rings.
const startMs = Date.UTC(2026, 8, 20, 10)
const standard: SamplingOptions = {
  mode: 'sampled',
  dayEveryMs: 30 * minuteMs,
  hourEveryMs: 15 * minuteMs,
  volatilityEvents: true,
  sessionEdges: true,
  calendarEvents: true,
  addedEvents: [],
}
const template = aServed({ prompt: { pathCount: 1 } }).served
/** Standard deviation of a minute. */
const minuteSd = 1e-3

interface Ask {
  readonly atMs: number
  readonly asset?: string
  readonly horizon?: 'day' | 'hour'
  readonly priceUsd?: number
  readonly volatility?: number
}

function served({ atMs, asset = 'BTC', horizon = 'hour', priceUsd = 100, volatility = 1 }: Ask): ServedPrediction {
  const stepSeconds = horizon === 'hour' ? 60 : 300
  const variance = (minuteSd * volatility) ** 2 * (stepSeconds / 60)
  const process = {
    stepSeconds,
    stepVariances: Float64Array.of(variance),
    volatilityFactors: [],
    tails: { kind: 'normal' as const },
  }
  return {
    ...template,
    prompt: { ...aPrompt, asset, stepSeconds, lengthSeconds: horizon === 'hour' ? 3_600 : 86_400 },
    receivedAtMs: atMs,
    price: { usd: priceUsd, publishedAtMs: atMs - 500, venue: 'pythHermes' },
    recipe: { ...template.recipe, forecast: singlePart(process) },
  }
}

function reasons(asks: readonly Ask[], options: Partial<SamplingOptions> = {}): (RecordReason | undefined)[] {
  const rule = new SamplingRule({ ...standard, ...options })
  return asks.map((ask) => rule.consider(served(ask))?.reason)
}

describe('intervals', () => {
  it('keeps the first, then one in 15 minutes of hour-long prompts, to the millisecond', () => {
    const times = [0, 15 * minuteMs - 1, 15 * minuteMs, 30 * minuteMs - 1, 31 * minuteMs]
    expect(reasons(times.map((afterMs) => ({ atMs: startMs + afterMs })))).toEqual([
      'first',
      undefined,
      'interval',
      undefined,
      'interval',
    ])
  })
  it('keeps one in 30 minutes of day-long prompts', () => {
    const times = [0, 30 * minuteMs - 1, 30 * minuteMs, 45 * minuteMs, 60 * minuteMs]
    expect(reasons(times.map((afterMs) => ({ atMs: startMs + afterMs, horizon: 'day' })))).toEqual([
      'first',
      undefined,
      'interval',
      undefined,
      'interval',
    ])
  })
  it('counts every asset and every horizon by itself', () => {
    expect(
      reasons([
        { atMs: startMs },
        { atMs: startMs, horizon: 'day' },
        { atMs: startMs, asset: 'ETH' },
        { atMs: startMs + 1, asset: 'ETH' },
        { atMs: startMs + 15 * minuteMs },
        { atMs: startMs + 15 * minuteMs, horizon: 'day' },
      ]),
    ).toEqual(['first', 'first', 'first', undefined, 'interval', undefined])
  })
  it('continues at once when the clock was set back', () => {
    expect(reasons([{ atMs: startMs }, { atMs: startMs - 6 * hourMs }, { atMs: startMs - 6 * hourMs + 1 }])).toEqual([
      'first',
      'interval',
      undefined,
    ])
  })
  it('keeps everything when it is set to', () => {
    expect(reasons([{ atMs: startMs }, { atMs: startMs }], { mode: 'all' })).toEqual(['all', 'all'])
  })
  it('counts a revoked one as if it had never been', () => {
    const rule = new SamplingRule(standard)
    rule.consider(served({ atMs: startMs }))?.revoke()
    expect(rule.consider(served({ atMs: startMs + 1 }))?.reason).toBe('first')
    rule.consider(served({ atMs: startMs + 1 + 15 * minuteMs }))?.revoke()
    expect(rule.consider(served({ atMs: startMs + 2 + 15 * minuteMs }))?.reason).toBe('interval')
  })
})

describe('volatility events', () => {
  const moved = (deviations: number, minutes: number) => 100 * Math.exp(deviations * minuteSd * Math.sqrt(minutes))

  it('keeps a prompt whose price has moved by more than five deviations since the last, and not one by less', () => {
    const at = (minutes: number, deviations: number): Ask => ({
      atMs: startMs + minutes * minuteMs,
      priceUsd: moved(deviations, minutes),
    })
    expect(reasons([{ atMs: startMs }, at(4, 4.99)])).toEqual(['first', undefined])
    expect(reasons([{ atMs: startMs }, at(4, 5.01)])).toEqual(['first', 'volatility'])
    expect(reasons([{ atMs: startMs }, at(4, -5.01)])).toEqual(['first', 'volatility'])
    expect(reasons([{ atMs: startMs }, at(4, 5.01)], { volatilityEvents: false })).toEqual(['first', undefined])
  })
  it('keeps a forecast whose volatility has doubled or halved since the last kept one', () => {
    const at = (volatility: number): Ask => ({ atMs: startMs + minuteMs, volatility })
    expect(reasons([{ atMs: startMs }, at(1.99)])).toEqual(['first', undefined])
    expect(reasons([{ atMs: startMs }, at(2.01)])).toEqual(['first', 'volatility'])
    expect(reasons([{ atMs: startMs }, at(0.49)])).toEqual(['first', 'volatility'])
  })
  it('keeps at most one event an hour of an asset and horizon, and the next one after it', () => {
    // Alternating between calm and storm, so that each prompt is an event.
    const every = 5
    const asks = Array.from({ length: 30 }, (_, i) => ({
      atMs: startMs + i * every * minuteMs,
      volatility: i % 2 === 0 ? 1 : 5,
    }))
    const kept = reasons(asks, { hourEveryMs: 24 * hourMs })
    const events = kept.flatMap((reason, i) => (reason === 'volatility' ? [i * every] : []))
    expect(kept[0]).toBe('first')
    expect(events).toEqual([5, 70, 135])
  })
  it('does not put off the next regular one', () => {
    expect(
      reasons([
        { atMs: startMs },
        { atMs: startMs + 14 * minuteMs, volatility: 3 },
        { atMs: startMs + 15 * minuteMs, volatility: 3 },
      ]),
    ).toEqual(['first', 'volatility', 'interval'])
  })
  it('draws no conclusion from a price after an hour of silence, nor from a forecast without volatility', () => {
    expect(
      reasons([{ atMs: startMs }, { atMs: startMs + 61 * minuteMs, priceUsd: 150 }], { hourEveryMs: 24 * hourMs }),
    ).toEqual(['first', undefined])
    expect(
      reasons([
        { atMs: startMs, volatility: 0 },
        { atMs: startMs + minuteMs, priceUsd: 150, volatility: 0 },
      ]),
    ).toEqual(['first', undefined])
  })
})

describe('session edges', () => {
  const open = Date.UTC(2026, 8, 22, 13, 30) // Tuesday, 09:30 summer time
  const calm = { volatilityEvents: false, hourEveryMs: 24 * hourMs }
  it('keeps the first prompt within a quarter of an hour after each bell', () => {
    const close = open + 6.5 * hourMs
    const times = [open - hourMs, open - 1, open, open + minuteMs, close + 14 * minuteMs, close + 14.5 * minuteMs]
    expect(
      reasons(
        times.map((atMs) => ({ atMs })),
        calm,
      ),
    ).toEqual(['first', undefined, 'sessionEdge', undefined, 'sessionEdge', undefined])
  })
  it('skips a bell when no prompt comes in time, or when it is set to', () => {
    const times = [open - hourMs, open + 15 * minuteMs].map((atMs) => ({ atMs }))
    expect(reasons(times, calm)).toEqual(['first', undefined])
    const soon = [open - hourMs, open].map((atMs) => ({ atMs }))
    expect(reasons(soon, { ...calm, sessionEdges: false })).toEqual(['first', undefined])
  })
  it('does not keep a second one for a bell that a regular one has met', () => {
    const times = [open, open + minuteMs].map((atMs) => ({ atMs }))
    expect(reasons(times, calm)).toEqual(['first', undefined])
  })
})

describe('announcements', () => {
  const atMs = Date.UTC(2026, 7, 12, 12, 30) // Consumer prices: 08:30, summer time
  const calm = { volatilityEvents: false, hourEveryMs: 24 * hourMs, dayEveryMs: 24 * hourMs }
  const around = [-60, -15.01, -15, -1, 0, 29, 30].map((minutes) => ({ atMs: atMs + minutes * minuteMs }))

  it('keeps every prompt from 15 minutes before to 30 minutes after, and says which it is', () => {
    const rule = new SamplingRule({ ...standard, ...calm })
    const samples = around.map((ask) => rule.consider(served(ask)))
    const kept = Array.from({ length: 4 }, () => ['event', 'consumerPrices'])
    expect(samples.map((sample) => sample && [sample.reason, sample.event])).toEqual([
      ['first', undefined],
      undefined,
      ...kept,
      undefined,
    ])
  })
  it('keeps those of both horizons and of every asset', () => {
    const asks: Ask[] = [
      { atMs: atMs - hourMs },
      { atMs: atMs - hourMs, horizon: 'day' },
      { atMs, horizon: 'day' },
      { atMs, asset: 'XAU' },
      { atMs: atMs + 1, asset: 'XAU' },
    ]
    expect(reasons(asks, calm)).toEqual(['first', 'first', 'event', 'first', 'event'])
  })
  it("keeps those of the operator's dates, and none when it is set to", () => {
    const added = [{ name: 'my talk', atMs: startMs + hourMs }]
    const asks = [{ atMs: startMs }, { atMs: startMs + hourMs }]
    expect(reasons(asks, { ...calm, addedEvents: added })).toEqual(['first', 'event'])
    expect(reasons(asks, { ...calm, addedEvents: added, calendarEvents: false })).toEqual(['first', undefined])
    expect(reasons(around, { ...calm, calendarEvents: false }).slice(1)).toEqual(Array(6).fill(undefined))
  })
  it('does not put off the next regular one', () => {
    const asks = [-14, 0.5, 1].map((minutes) => ({ atMs: atMs + minutes * minuteMs }))
    expect(reasons(asks, { ...calm, hourEveryMs: 15 * minuteMs })).toEqual(['first', 'event', 'interval'])
  })
})

describe('lastSessionEdgeMs', () => {
  it.each([
    ['before the open of a Monday: the close of the Friday', '2026-09-21T13:29:59Z', '2026-09-18T20:00:00Z'],
    ['at the open', '2026-09-21T13:30:00Z', '2026-09-21T13:30:00Z'],
    ['just before the close', '2026-09-21T19:59:59Z', '2026-09-21T13:30:00Z'],
    ['at the close', '2026-09-21T20:00:00Z', '2026-09-21T20:00:00Z'],
    ['in the night', '2026-09-22T03:00:00Z', '2026-09-21T20:00:00Z'],
    ['on a Sunday', '2026-09-20T12:00:00Z', '2026-09-18T20:00:00Z'],
    ['in winter', '2026-12-01T14:30:00Z', '2026-12-01T14:30:00Z'],
    ['on the Monday after the clocks went back', '2026-11-02T14:29:59Z', '2026-10-30T20:00:00Z'],
    ['on the Monday after the clocks went forward', '2026-03-09T13:30:00Z', '2026-03-09T13:30:00Z'],
  ])('%s', (_, at, edge) => {
    expect(new Date(lastSessionEdgeMs(Date.parse(at))).toISOString()).toBe(edge.replace('Z', '.000Z'))
  })
})
