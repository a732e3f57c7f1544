import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import type { PublishedReward } from '#core/market/venues/synth-api'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { coefficientOf } from '#core/synth/regimes/prediction'
import { resolveAverageRules } from '#core/synth/regimes/resolve'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { rowsInWindow } from '#core/synth/scoring/average-window'
import { weighCompetition } from '#core/synth/scoring/moving-average'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import type { FieldKind, FieldPrompt, FieldWindow } from './field.ts'
import { verifyWeights } from './verify-weights.ts'

const book = buildRegimeBook(builtInRegimes)
const nowMs = Date.UTC(2026, 7, 20)
const label = 'Crypto 24h'
const promptScoreRule = { clip: { kind: 'none' }, fill: 'p95' } as const

const prompts: FieldPrompt[] = ['BTC', 'ETH'].flatMap((asset) =>
  Array.from({ length: 12 * 24 }, (_, i) => {
    const miners = [4000, 4010, 4050, 4100].map((crps, uid) => ({
      uid,
      crps: crps + ((i * (uid + 1)) % 17),
      promptScore: 0,
    }))
    return {
      asset,
      timeLengthSeconds: 86_400,
      scoredAtMs: nowMs - 12 * dayMs + i * hourMs + (asset === 'ETH' ? 60_000 : 0),
      miners,
    }
  }),
)
const inKind = ({ asset, timeLengthSeconds }: FieldKind, { fromMs, toMs }: FieldWindow) =>
  prompts.filter(
    (one) =>
      one.asset === asset &&
      one.timeLengthSeconds === timeLengthSeconds &&
      one.scoredAtMs >= fromMs &&
      one.scoredAtMs <= toMs,
  )
const sources = (windows: FieldWindow[]) => ({
  book,
  store: { read: inKind, listWindows: () => windows },
  registrations: undefined,
})
const whole = [{ fromMs: nowMs - 20 * dayMs, toMs: nowMs + dayMs }]

/** As the validator publishes them: made by the port of its average. */
function publishedAt(updatedAtMs: number): PublishedReward[] {
  const rules = resolveAverageRules(book, { updateAtMs: updatedAtMs })
  const own = rules.competitions.find((one) => one.label === label)!
  const rows = prompts
    .flatMap((prompt) => {
      const { promptScores, percentile, lowestScore } = scorePrompt(
        prompt.miners.map(({ crps }) => crps),
        promptScoreRule,
      )!
      const { scoredAtMs, asset } = prompt
      return promptScores.map((promptScore, i) => ({
        minerId: i,
        promptScore,
        scoredAtMs,
        asset,
        percentile,
        lowestScore,
      }))
    })
    .sort((a, b) => a.scoredAtMs - b.scoredAtMs)
  const window = {
    updateAtMs: updatedAtMs,
    windowDays: own.windowDays,
    newestRowLagSeconds: rules.average.newestRowLagSeconds,
  }
  return weighCompetition(rowsInWindow(rows, window), {
    ...{ competition: label, updateAtMs: updatedAtMs, beta: own.beta, uidOf: (id: number) => id },
    coefficient: own.coefficient.numerator / own.coefficient.denominator,
    coefficientOf: (asset) => coefficientOf(rules, asset) as number,
  })!.map(({ minerUid, smoothedScore, rewardWeight }) => ({
    minerUid,
    smoothedScore,
    rewardWeight,
    competitionLabel: label,
    updatedAtMs,
  }))
}

const updates = Array.from({ length: 12 }, (_, i) => nowMs - (12 - i) * 5 * 60_000)

describe('verifyWeights', () => {
  it('finds every published weight, update by update', () => {
    const verified = verifyWeights(sources(whole), label, updates.flatMap(publishedAt), () => undefined)
    expect(verified).toMatchObject({
      updates: 12,
      equalUpdates: 12,
      skipped: 0,
      weights: 48,
      equalWeights: 48,
      first: undefined,
    })
  })
  it('names the first difference', () => {
    const rewards = updates
      .flatMap(publishedAt)
      .map((reward) =>
        reward.minerUid === 2 && reward.updatedAtMs >= updates[7]!
          ? { ...reward, rewardWeight: reward.rewardWeight * 1.00001 }
          : reward,
      )
    const { equalUpdates, equalWeights, first } = verifyWeights(sources(whole), label, rewards, () => undefined)
    expect([equalUpdates, equalWeights]).toEqual([7, 43])
    expect(first).toMatchObject({ updatedAtMs: updates[7], uid: 2 })
    expect(first!.published! / first!.ours!).toBeCloseTo(1.00001, 9)
  })
  it('names a miner that one side does not have', () => {
    const rewards = updates.flatMap(publishedAt).filter(({ minerUid }) => minerUid !== 0)
    expect(verifyWeights(sources(whole), label, rewards, () => undefined).first).toMatchObject({
      uid: 0,
      published: undefined,
    })
  })
  it('skips updates whose public scores are not all stored', () => {
    const windows = [{ fromMs: nowMs - 20 * dayMs, toMs: updates[5]! }]
    expect(verifyWeights(sources(windows), label, updates.flatMap(publishedAt), () => undefined)).toMatchObject({
      updates: 6,
      skipped: 6,
    })
  })
})
