import { describe, expect, it } from 'vitest'
import { hourSeconds } from '#core/base/time/units'
import { conclusionLines, failUnlessClean } from './conclusion.ts'
import { buildReport } from './report.ts'
import { scoreTable } from './score-table.ts'
import { ValidatorTally } from './tally.ts'

const startAtMs = Date.UTC(2026, 9, 20, 13)
const prompt = (asset: string, hours: number) => ({ asset, startAtMs, timeLengthSeconds: hours * hourSeconds })
const facts = { startAtMs, endAtMs: startAtMs + 86_400_000, realMs: 30_000, pending: 0, expectsScores: true }

function aCleanTally(): ValidatorTally {
  const tally = new ValidatorTally()
  for (const [asset, hours, ours, reference, seed] of [
    ['ETH', 1, 90, 100, 120],
    ['BTC', 1, 40, 50, 50],
    ['BTC', 1, 60, 50, 50],
    ['SPCX', 24, 300, undefined, 200],
    ['BTC', 24, 900, 1000, 800],
  ] as const) {
    tally.sent += 1
    tally.noteAnswered(hours * 10)
    tally.noteScored(prompt(asset, hours), {
      ours,
      rivals: { ...(reference === undefined ? {} : { reference }), seed },
    })
  }
  tally.noteBad('unsigned', 'sig_missing', 'sig_missing')
  return tally
}

describe('Tally and its report', () => {
  it('is well when everything was answered and everything bad was refused', () => {
    const report = buildReport(aCleanTally(), facts)
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      prompts: { sent: 5, answered: 5, missed: 0, invalid: 0, scored: 5, answerMs: { p50: 10, max: 240 } },
      badRequests: { sent: 1, refused: 1, kinds: { unsigned: { expected: 'sig_missing', sent: 1, refused: 1 } } },
      market: { realSeconds: 30 },
    })
    expect(() => failUnlessClean(report, false)).not.toThrow()
    expect(() => failUnlessClean(report, true)).toThrow('stopped before its end')
    expect(conclusionLines(report, []).join('\n')).toContain('5 of 5 prompts answered, in 10 ms')
  })

  it('means over the same prompts, asset by asset and together, below 1 where this miner is ahead', () => {
    const { scores, totals } = buildReport(aCleanTally(), facts)
    expect(scores.map(({ asset, horizon }) => `${asset} ${horizon}`)).toEqual([
      'BTC 1h',
      'ETH 1h',
      'BTC 24h',
      'SPCX 24h',
    ])
    expect(scores[0]).toEqual({
      asset: 'BTC',
      horizon: '1h',
      prompts: 2,
      reference: 50,
      seed: 50,
      ours: 50,
      oursToReference: 1,
      oursToSeed: 1,
    })
    expect(scores[3]).toMatchObject({ asset: 'SPCX', reference: null, oursToReference: null, oursToSeed: 1.5 })
    // SPCX has no reference, so that it is in no mean over all three.
    expect(totals[1]).toMatchObject({ asset: 'all', horizon: '24h', prompts: 1, ours: 900, oursToReference: 0.9 })
  })

  it('shows both lengths as a table', () => {
    expect(scoreTable(aCleanTally())).toMatchInlineSnapshot(`
      [
        "",
        "  1h        prompts   reference        seed        ours  ours/reference  ours/seed",
        "  BTC             2        50.0        50.0        50.0           1.000      1.000",
        "  ETH             1       100.0       120.0        90.0           0.900      0.750",
        "  all             3        66.7        73.3        63.3           0.950      0.864",
        "",
        "  24h       prompts   reference        seed        ours  ours/reference  ours/seed",
        "  BTC             1      1000.0       800.0       900.0           0.900      1.125",
        "  SPCX            1           -       200.0       300.0               -      1.500",
        "  all             1      1000.0       800.0       900.0           0.900      1.125",
      ]
    `)
  })

  it.each([
    [
      'a prompt without an answer',
      (tally: ValidatorTally) => tally.noteMissed(prompt('BTC', 1), 'refused with 503'),
      /1 of 5 .*503/,
    ],
    [
      'an answer that is not taken',
      (tally: ValidatorTally) => tally.noteInvalid(prompt('BTC', 1), 'too short'),
      /too short/,
    ],
    [
      'a bad request that was answered',
      (tally: ValidatorTally) => tally.noteBad('stranger', 'unregistered', 'an answer'),
      /stranger/,
    ],
    ['a wrong word', (tally: ValidatorTally) => tally.noteBad('unsigned', 'sig_missing', 'bad_json'), /bad_json/],
    [
      'a score that is no number',
      (tally: ValidatorTally) => tally.noteScored(prompt('ETH', 24), { ours: Number.NaN, rivals: {} }),
      /ETH 24h has no finite/,
    ],
  ])('fails on %s', (_, spoil, words) => {
    const tally = aCleanTally()
    spoil(tally)
    const report = buildReport(tally, facts)
    expect(report.ok).toBe(false)
    expect(() => failUnlessClean(report, false)).toThrow(words)
  })

  it('fails when nothing was asked, and when nothing was scored that should have been', () => {
    expect(buildReport(new ValidatorTally(), facts).problems).toEqual(['No prompt was sent.'])
    const tally = new ValidatorTally()
    tally.sent = 1
    tally.noteAnswered(5)
    expect(buildReport(tally, facts).problems).toEqual(['No answer could be scored.'])
    expect(buildReport(tally, { ...facts, expectsScores: false }).ok).toBe(true)
  })
})
