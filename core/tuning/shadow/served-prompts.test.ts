import { describe, expect, it } from 'vitest'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import type { FieldKind, FieldPrompt, FieldWindow } from './field.ts'
import { registrationsOf } from './hands.ts'
import { reportServed, type ServedPrompt, type ServedSources } from './served-prompts.ts'

const nowMs = Date.UTC(2026, 7, 20)
const startMs = nowMs - 3 * dayMs
const book = buildRegimeBook(builtInRegimes)
const starts = { fromMs: startMs - dayMs, toMs: nowMs }

const kindOf = (timeLengthSeconds: number): FieldKind => ({ asset: 'BTC', timeLengthSeconds })
const servedAt = (startAtMs: number, own: Partial<ServedPrompt> = {}): ServedPrompt => ({
  ...{ id: `p${startAtMs}`, ...kindOf(86_400), startAtMs, total: null, problem: null },
  ...own,
})
/** Uids 0 and 7; 7 with this score. */
const scoredAt = (startAtMs: number, crps: number | undefined, timeLengthSeconds = 86_400): FieldPrompt => ({
  ...kindOf(timeLengthSeconds),
  scoredAtMs: startAtMs + timeLengthSeconds * 1000,
  miners: [{ uid: 0, crps: 4000, promptScore: 0 }, ...(crps === undefined ? [] : [{ uid: 7, crps, promptScore: 5 }])],
})

function fates(
  served: readonly ServedPrompt[],
  field: readonly FieldPrompt[],
  question: { uid?: number; windows?: readonly FieldWindow[]; registrations?: ServedSources['registrations'] } = {},
) {
  const { uid = 7, windows = [{ fromMs: 0, toMs: nowMs - 6 * hourMs }], registrations } = question
  const isOf = (kind: FieldKind) => (prompt: FieldPrompt) => prompt.timeLengthSeconds === kind.timeLengthSeconds
  const store = { read: (kind: FieldKind) => field.filter(isOf(kind)), listWindows: () => windows }
  return reportServed({ book, store, registrations }, served, starts, { uid, nowMs })
}

describe('reportServed', () => {
  it('gives what is published of our uid', () => {
    const { prompts } = fates([servedAt(startMs, { total: 4321 })], [scoredAt(startMs, 4321.5)])
    expect(prompts).toMatchObject([{ outcome: 'scored', crps: 4321.5, promptScore: 5, total: 4321, reason: undefined }])
  })
  it('calls -1 a miss, and says what replay knows of it', () => {
    const why = (own: Partial<ServedPrompt>) => fates([servedAt(startMs, own)], [scoredAt(startMs, -1)]).prompts[0]
    expect(why({ total: 4000 })).toMatchObject({ outcome: 'missed', crps: undefined })
    expect(why({ total: 4000 })?.reason).toContain('did not get it whole or in time')
    expect(why({ problem: 'zeroPrice' })?.reason).toContain('a simulated price is 0')
    expect(why({})?.reason).toContain('not replayed yet')
  })
  it('knows a prompt that was scored without our uid, or when another had it', () => {
    const [without] = fates([servedAt(startMs)], [scoredAt(startMs, undefined)]).prompts
    expect(without).toMatchObject({ outcome: 'withoutUs' })
    const known = { uid: 7, hotkey: 'us', registeredAtMs: startMs + hourMs, source: 'chain' } as const
    const registrations = registrationsOf([known])
    const [before] = fates([servedAt(startMs)], [scoredAt(startMs, 4000)], { registrations }).prompts
    expect(before).toMatchObject({ outcome: 'withoutUs', crps: undefined, reason: 'another miner had the uid then' })
  })
  it('knows why nobody was scored: another prompt of the hour or of the ten minutes was, or no price came', () => {
    const hourly = { ...kindOf(3_600) }
    const served = [
      servedAt(startMs + 59 * minuteMs),
      servedAt(startMs + 60 * minuteMs),
      servedAt(startMs + 120 * minuteMs, { problem: 'notSettled' }),
      servedAt(startMs + 9 * minuteMs, hourly),
      servedAt(startMs + 10 * minuteMs, hourly),
    ]
    const { prompts } = fates(served, [scoredAt(startMs, 4000), scoredAt(startMs, 900, 3_600)])
    expect(prompts.every(({ outcome }) => outcome === 'leftOut')).toBe(true)
    const reasons = new Map(
      prompts.map(({ startAtMs, timeLengthSeconds, reason }) => [
        `${timeLengthSeconds} ${(startAtMs - startMs) / minuteMs}`,
        reason,
      ]),
    )
    expect(reasons.get('86400 59')).toContain('in these 60 minutes was scored instead')
    expect(reasons.get('86400 60')).toContain('why is not public')
    expect(reasons.get('86400 120')).toContain('no candle after the end')
    expect(reasons.get('3600 9')).toContain('in these 10 minutes was scored instead')
    expect(reasons.get('3600 10')).toContain('why is not public')
  })
  it('judges nothing that is not over or not fetched', () => {
    const served = [servedAt(nowMs - hourMs), servedAt(nowMs - dayMs - hourMs)]
    const outcomes = (windows?: readonly FieldWindow[]) =>
      fates(served, [], windows === undefined ? {} : { windows }).prompts.map(({ outcome }) => outcome)
    expect(outcomes()).toEqual(['notFetched', 'notOver'])
    expect(outcomes([{ fromMs: 0, toMs: nowMs }])).toEqual(['leftOut', 'notOver'])
    expect(outcomes([])).toEqual(['notFetched', 'notOver'])
  })
  it('counts a prompt once, whatever the number of its answers, and scores that the journal does not hold', () => {
    const served = [servedAt(startMs), servedAt(startMs, { id: 'of another hotkey' })]
    const field = [scoredAt(startMs, 4000), scoredAt(startMs + hourMs, 4000), scoredAt(startMs + 2 * hourMs, -1)]
    const { prompts, notInJournal } = fates(served, field)
    expect([prompts.length, notInJournal]).toEqual([1, 1])
  })
})
