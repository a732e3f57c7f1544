import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { estimateEarnings, isFromOtherOwnerRule, type MinersPay } from './earnings.ts'
import type { SimulatedWeight } from './simulate-weights.ts'

const atMs = (text: string) => Date.parse(text)

function aCompetition(
  key: string,
  weights: readonly (readonly [updateAt: string, weight: number])[],
  isComparable = true,
) {
  const rows = weights.map(([updateAt, weight]) => ({ updateAtMs: atMs(updateAt), weight }))
  return { key, label: key, isComparable, weights: rows as unknown as SimulatedWeight[] }
}

function pay(days: readonly string[], taoUsd: Readonly<Record<string, number>> = {}): MinersPay {
  return {
    pools: days.map((day) => ({ day, usd: 10_000 })),
    tao: { usdByDay: new Map(Object.entries(taoUsd)), problem: undefined },
  }
}

const half = { share: 0.5, measuredOn: '2026-08-30' }

describe('isFromOtherOwnerRule', () => {
  it('tells a measurement from before the owner lost its half from one after it', () => {
    const book = buildRegimeBook(builtInRegimes)
    const nowMs = atMs('2026-09-01T00:00Z')
    expect(isFromOtherOwnerRule(book, { ...half, measuredOn: '2026-07-06' }, nowMs)).toBe(true)
    expect(isFromOtherOwnerRule(book, half, nowMs)).toBe(false)
  })
})

describe('estimateEarnings', () => {
  // Every update of a day pays the same: not the last one alone.
  it('takes the mean over the updates of each day, by competition and in all', () => {
    const competitions = [
      aCompetition('day', [
        ['2026-09-01T12:00Z', 0.01],
        ['2026-09-01T18:00Z', 0.02],
        ['2026-09-02T18:00Z', 0.5],
      ]),
      aCompetition('hour', [['2026-09-01T18:00Z', 0.005]]),
    ]
    const [day] = estimateEarnings(competitions, pay(['2026-09-01'], { '2026-09-01': 250 }), half)
    expect(day).toEqual({
      ...{ day: '2026-09-01', poolUsd: 10_000, taoUsd: 250, weight: 0.02, usd: 100, tao: 0.4 },
      competitions: [
        { key: 'day', label: 'day', weight: 0.015, usd: 75, tao: 0.3 },
        { key: 'hour', label: 'hour', weight: 0.005, usd: 25, tao: 0.1 },
      ],
    })
  })

  it('takes the weight before where the series has none of a day, and nothing before the first', () => {
    const competitions = [aCompetition('day', [['2026-09-02T12:00Z', 0.01]])]
    const days = estimateEarnings(competitions, pay(['2026-09-01', '2026-09-02', '2026-09-03']), half)
    expect(days.map(({ weight }) => weight)).toEqual([0, 0.01, 0.01])
  })

  it('gives no TAO without the price of that day, and nothing of a competition of which too little is known', () => {
    const competitions = [
      aCompetition('day', [['2026-09-01T12:00Z', 0.01]]),
      aCompetition('hour', [['2026-09-01T12:00Z', 0.9]], false),
    ]
    const days = estimateEarnings(competitions, pay(['2026-09-01'], { '2026-08-31': 250 }), half)
    expect(days).toMatchObject([{ weight: 0.01, usd: 50, tao: null, taoUsd: null, competitions: [{ key: 'day' }] }])
  })
})
