import { describe, expect, it } from 'vitest'
import { SplitMix64 } from '#core/base/random/rng'
import { hourMs } from '#core/base/time/units'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { ensembleCrps } from '#core/synth/scoring/crps'
import { type BlendScores, bestShares, fitBlend, type MixtureScores, scoreOf } from './fit-blend.ts'

const observed = [-0.4, 0.1, 0.3, 2]

/** Ten moves of each model, of sizes of their own. */
function ensemblesOf(sizes: readonly number[]): number[][] {
  const rng = new SplitMix64(5n)
  return sizes.map((size) => Array.from({ length: 10 }, () => size * (rng.next() + rng.next() + rng.next() - 1.4)))
}

/** The mean CRPS of the ensemble in which each model's moves are repeated so many times. */
function mixed(ensembles: readonly number[][], counts: readonly number[]): number {
  const members = ensembles.flatMap((moves, i) => Array.from({ length: counts[i]! }, () => moves).flat())
  return observed.reduce((sum, value) => sum + ensembleCrps(Float64Array.from(members), value), 0) / observed.length
}

function scoresOf(ensembles: readonly number[][]): MixtureScores {
  const only = (...chosen: number[]) => ensembles.map((_, i) => Number(chosen.includes(i)))
  return {
    alone: ensembles.map((_, i) => mixed(ensembles, only(i))),
    halves: ensembles.map((_, i) => ensembles.map((__, j) => mixed(ensembles, only(i, j)))),
  }
}

describe('scoreOf', () => {
  it('is the CRPS of the mixed ensemble, from the models alone and in halves', () => {
    const ensembles = ensemblesOf([1, 2.5, 0.6])
    const scores = scoresOf(ensembles)
    for (const counts of [
      [1, 0, 0],
      [0, 1, 1],
      [7, 2, 1],
      [1, 3, 6],
      [4, 1, 5],
    ]) {
      expect(
        scoreOf(
          scores,
          counts.map((count) => count / counts.reduce((a, b) => a + b)),
        ),
      ).toBeCloseTo(mixed(ensembles, counts), 12)
    }
  })
})

describe('bestShares', () => {
  it.each([[[1, 2.5, 0.6]], [[0.3, 4, 0.2]], [[1, 1.1, 1.2]], [[3, 0.1, 3]]])(
    'finds no worse shares than a walk over all of them, for sizes %j',
    (sizes) => {
      const scores = scoresOf(ensemblesOf(sizes))
      const found = bestShares(scores)
      expect(found.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      let least = Number.POSITIVE_INFINITY
      for (let a = 0; a <= 50; a++) {
        for (let b = 0; a + b <= 50; b++) least = Math.min(least, scoreOf(scores, [a / 50, b / 50, (50 - a - b) / 50]))
      }
      expect(scoreOf(scores, found)).toBeLessThanOrEqual(least + 1e-12)
      expect(scoreOf(scores, found)).toBeGreaterThan(least - 0.01)
    },
  )
  it('gives all to the better of two that are closer to each other than noise', () => {
    const halves = [
      [10, 10.6],
      [10.6, 11],
    ]
    expect(bestShares({ alone: [10, 11], halves })).toEqual([1, 0])
    expect(
      bestShares({
        alone: [10, 10],
        halves: [
          [10, 10],
          [10, 10],
        ],
      }).reduce((a, b) => a + b),
    ).toBe(1)
  })
})

/** Scores by a form that is known, on an hour's prompts; a model may lack some of them. */
function madeBlends(
  alone: Readonly<Record<string, number>>,
  gain: number,
  lacking: Readonly<Record<string, number>> = {},
) {
  const scores: BlendScores = {
    scoreBlends: async ({ blends, fromMs, toMs }) =>
      blends.map((shares) => {
        const models = Object.keys(shares)
        const mean = models.reduce((sum, model) => sum + shares[model]! * alone[model]!, 0)
        const share = models.length === 2 ? shares[models[0]!]! * shares[models[1]!]! : 0
        const first = Math.max(0, ...models.map((model) => lacking[model] ?? 0))
        const count = Math.floor((toMs - fromMs) / hourMs)
        return Array.from({ length: count }, (_, i) => i)
          .filter((i) => i >= first)
          .map((i) => ({ name: `p${i}`, startAtMs: fromMs + i * hourMs, total: mean - gain * share + (i % 7) }))
      }),
  }
  return scores
}

const question = {
  asset: 'BTC',
  horizon: 'high',
  fromMs: 0,
  toMs: 100 * hourMs,
  parameters: defaultParameters('BTC'),
} as const

describe('fitBlend', () => {
  it('finds the shares of the lowest mean, in hundredths that add up to one', async () => {
    // q(w) = 100 w + 102 (1 - w) - 8 w (1 - w) is lowest at w = 5 / 8.
    const outcome = await fitBlend(madeBlends({ calibrated: 100, ewma: 102 }, 8), ['calibrated', 'ewma'], question)
    expect(outcome).toMatchObject({
      ok: true,
      fitted: {
        members: [
          { model: 'calibrated', share: 0.63 },
          { model: 'ewma', share: 0.37 },
        ],
        ...{ leftOut: [], count: 100, days: 5 },
      },
    })
  })
  it('leaves a model out that has too few scores, and counts only prompts that all others have', async () => {
    const made = madeBlends({ calibrated: 100, ewma: 100, seed: 1 }, 8, { ewma: 5, seed: 11 })
    const outcome = await fitBlend(made, ['calibrated', 'ewma', 'seed'], question)
    expect(outcome).toMatchObject({
      ok: true,
      fitted: {
        members: [{ share: 0.5 }, { share: 0.5 }],
        leftOut: [{ model: 'seed', count: 89 }],
        count: 95,
      },
    })
  })
  it('says how little there is', async () => {
    const made = madeBlends({ calibrated: 100, ewma: 102 }, 8)
    const outcome = await fitBlend(made, ['calibrated', 'ewma'], { ...question, toMs: 9 * hourMs })
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'EVIDENCE_MISSING' } })
    const none = await fitBlend(made, ['calibrated', 'ewma'], { ...question, toMs: 0 })
    expect(none).toMatchObject({
      ok: false,
      refusal: { message: expect.stringContaining('has 0 settled prompts') as string },
    })
  })
})
