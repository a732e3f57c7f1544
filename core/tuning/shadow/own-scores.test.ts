import { describe, expect, it } from 'vitest'
import type { ScoreProblem } from '../replay/prediction-score.ts'
import type { ScoreReader } from '../replay/score-store.ts'
import { createOwnScores } from './own-scores.ts'

type Row = ReturnType<ScoreReader['listTotals']>[number]

const kind = { asset: 'BTC', timeLengthSeconds: 3600 }
const window = { fromMs: 0, toMs: 100 }

function readAll(rows: readonly (Partial<Row> & Pick<Row, 'startAtMs'>)[], regimeIdOf: () => string | undefined) {
  const all = rows.map((row) => ({ ...kind, regime: 'now', total: null, problem: null, ...row }) as unknown as Row)
  return createOwnScores({ listTotals: () => all }, { regimeIdOf })(kind, window, 'served')
}

describe('createOwnScores', () => {
  it('takes what the validator gives no number for as a miss, and leaves out what only we do not know', () => {
    const problems: readonly ScoreProblem[] = ['zeroPrice', 'notFinite', 'notScorable', 'pathsMissing', 'noForecast']
    const rows = problems.map((problem, startAtMs) => ({ startAtMs, problem }))
    expect(readAll([{ startAtMs: 9, total: 12.5 }, ...rows], () => 'now')).toEqual([
      { startAtMs: 9, total: 12.5 },
      { startAtMs: 0, total: null },
      { startAtMs: 1, total: null },
      { startAtMs: 2, total: null },
    ])
  })

  it('passes over rows that another regime left, where the date has rules', () => {
    const rows = [
      { startAtMs: 1, total: 1, regime: 'then' },
      { startAtMs: 1, total: 2, regime: 'now' },
    ]
    expect(readAll(rows, () => 'now').map(({ total }) => total)).toEqual([2])
    expect(readAll(rows, () => undefined).map(({ total }) => total)).toEqual([1, 2])
  })
})
