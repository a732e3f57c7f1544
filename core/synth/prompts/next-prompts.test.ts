import { describe, expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { NextPrompts } from './next-prompts.ts'

/** A validator that asks two seconds after the minute for the minute after the next. */
const askedAtMs = Date.UTC(2026, 8, 22, 12) + 2_000
const startOf = (receivedAtMs: number) => (receivedAtMs - 2_000 + minuteMs) / 1_000
const shape = { lengthSeconds: 86_400, stepSeconds: 300, pathCount: 1_000 }

function promptAt(receivedAtMs: number, asset = 'BTC') {
  return { asset, ...shape, startAtSeconds: startOf(receivedAtMs) }
}

function watching(...receivedAtMs: number[]): NextPrompts {
  const next = new NextPrompts()
  for (const atMs of receivedAtMs) next.observe(promptAt(atMs), atMs)
  return next
}

describe('NextPrompts', () => {
  it('expects nothing before anybody has asked', () => {
    expect(new NextPrompts().likely(askedAtMs)).toEqual([])
  })

  it('expects the same again at the next minute while it knows no rhythm', () => {
    const next = watching(askedAtMs)
    expect(next.likely(askedAtMs + 5_000)).toEqual([promptAt(askedAtMs + minuteMs)])
    // Half an hour later the next start follows from the second of the minute.
    expect(next.likely(askedAtMs + 30 * minuteMs - 10_000)).toEqual([promptAt(askedAtMs + 30 * minuteMs)])
  })

  it('keeps what should have come already for a little while', () => {
    const next = watching(askedAtMs)
    const dueMs = askedAtMs + 30 * minuteMs
    expect(next.likely(dueMs + 15_000)).toEqual([promptAt(dueMs), promptAt(dueMs + minuteMs)])
    expect(next.likely(dueMs + 25_000)).toEqual([promptAt(dueMs + minuteMs)])
  })

  it('waits for the rhythm it has seen, a little early', () => {
    const next = watching(askedAtMs, askedAtMs + 36 * minuteMs)
    const nextMs = askedAtMs + 72 * minuteMs
    expect(next.likely(askedAtMs + 50 * minuteMs)).toEqual([])
    expect(next.likely(nextMs - 30_000)).toEqual([promptAt(nextMs)])
  })

  it('puts the most overdue first', () => {
    const next = watching(askedAtMs)
    next.observe(promptAt(askedAtMs - 10 * minuteMs, 'ETH'), askedAtMs - 10 * minuteMs)
    expect(next.likely(askedAtMs + 30_000).map(({ asset }) => asset)).toEqual(['ETH', 'BTC'])
  })

  it('learns nothing from the same prompt of another validator', () => {
    const next = watching(askedAtMs)
    next.observe(promptAt(askedAtMs), askedAtMs + 500)
    expect(next.likely(askedAtMs + 5_000)).toHaveLength(1)
  })

  it('forgets who has not asked for three hours, and the oldest of too many', () => {
    const next = watching(askedAtMs)
    expect(next.likely(askedAtMs + 181 * minuteMs)).toEqual([])
    for (let i = 0; i < 64; i += 1) next.observe(promptAt(askedAtMs, `A${i}`), askedAtMs)
    expect(next.likely(askedAtMs + 5_000).map(({ asset }) => asset)).not.toContain('BTC')
  })
})
