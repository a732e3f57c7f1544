import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { estimateEarnings, isFromOtherOwnerRule } from './earnings.ts'
import type { CompetitionReport } from './report.ts'

const atMs = (text: string) => Date.parse(text)

function aCompetition(weights: readonly (readonly [updateAt: string, weight: number])[]): CompetitionReport {
  const rows = weights.map(([updateAt, weight]) => ({ updateAtMs: atMs(updateAt), weight }))
  return { weights: rows } as unknown as CompetitionReport
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
  it('adds the last weights of each day over all competitions', () => {
    const competitions = [
      aCompetition([
        ['2026-09-01T12:00Z', 0.01],
        ['2026-09-01T18:00Z', 0.02],
        ['2026-09-02T18:00Z', 0.5],
      ]),
      aCompetition([['2026-09-01T18:00Z', 0.005]]),
    ]
    const [day] = estimateEarnings({ competitions }, [{ day: '2026-09-01', usd: 10_000 }], half)
    expect(day).toEqual({ day: '2026-09-01', poolUsd: 10_000, weight: 0.025, usd: 10_000 * 0.025 * 0.5 })
  })

  it('gives nothing for a day before the first weight', () => {
    const competitions = [aCompetition([['2026-09-03T12:00Z', 0.01]])]
    expect(estimateEarnings({ competitions }, [{ day: '2026-09-01', usd: 10_000 }], half)[0]).toMatchObject({ usd: 0 })
  })
})
