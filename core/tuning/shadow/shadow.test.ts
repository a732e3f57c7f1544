import { describe, expect, it } from 'vitest'
import { dayMs, hourMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import type { PromptScoreRule } from '#core/synth/regimes/regime'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { scorePrompt } from '#core/synth/scoring/prompt-scores'
import { groupByPrompt } from './fetch-field.ts'
import { type FieldPrompt, inSavedOrder, mergeWindows, missingWindows } from './field.ts'
import { minerIdAt, registrationsOf, uidOfMiner } from './hands.ts'
import { rankPrompt } from './rank.ts'
import { knownPromptScoreRules } from './recognise.ts'
import { createRuleLookup } from './report.ts'
import { watchOwnScores, watchRules } from './rule-watch.ts'
import { simulateWeights, type WeightRules } from './simulate-weights.ts'

const p95: PromptScoreRule = { clip: { kind: 'none' }, fill: 'p95' }

/** Published as the rule makes it. */
function fieldAt(scoredAtMs: number, crps: readonly number[], rule = p95): FieldPrompt {
  const { promptScores } = scorePrompt(crps, rule)!
  const miners = crps.map((value, uid) => ({ uid, crps: value, promptScore: promptScores[uid]! }))
  return { asset: 'BTC', timeLengthSeconds: 86_400, scoredAtMs, miners }
}

describe('rankPrompt', () => {
  const field = fieldAt(dayMs, [4000, 4100, 4050, -1])
  it('puts our score among those who answered', () => {
    expect(rankPrompt(field, 4020, p95)).toMatchObject({ rank: 2, miners: 5, bestCrps: 4000, medianCrps: 4050 })
    expect(rankPrompt(field, 4020, p95)!.promptScore).toBe(20)
  })
  it('fills our miss by the rule, and ranks it behind every answer', () => {
    const rank = rankPrompt(field, null, p95)!
    expect(rank).toMatchObject({ ourCrps: null, rank: 4 })
    expect(rank.promptScore).toBeCloseTo(95, 6)
  })
  it('has no ranks where nobody answered', () => {
    const nobody = { ...field, miners: [{ uid: 0, crps: -1, promptScore: 0 }] }
    expect(rankPrompt(nobody, 4000, p95)).toBeNull()
  })
})

describe('simulateWeights', () => {
  const rules: WeightRules = {
    label: 'Crypto 24h',
    windowDays: 10,
    newestRowLagSeconds: 0,
    beta: -0.1,
    coefficient: 0.5,
    coefficientOf: () => 1,
    promptScoreRule: () => p95,
  }
  const prompts = Array.from({ length: 48 }, (_, i) => fieldAt(100 * dayMs + i * hourMs, [4000, 4010, 4100]))
  const updateAtMs = 103 * dayMs
  const always = { joinedAtMs: 0, find: () => 4000, unrecorded: 'miss' } as const

  it('gives the best two the same weight when we score as the best does', () => {
    const ours = simulateWeights(prompts, always, rules, updateAtMs)!
    expect(ours).toMatchObject({ prompts: 48, answered: 48, missed: 0, rank: 1, miners: 4, bestSmoothed: 0 })
    const expected = Math.E ** 0
    expect(ours.weight / 0.5).toBeCloseTo(expected / (2 * expected + Math.exp(-1) + Math.exp(-10)), 9)
  })
  it('counts a prompt that we did not answer as a miss, which costs weight', () => {
    const missing = {
      ...always,
      find: (prompt: FieldPrompt) => (prompt === prompts[0] ? undefined : 4000),
    }
    const ours = simulateWeights(prompts, missing, rules, updateAtMs)!
    expect(ours).toMatchObject({ answered: 47, missed: 1 })
    expect(ours.smoothedScore).toBeCloseTo((4091 - 4000) / 48, 1)
    expect(ours.weight).toBeLessThan(simulateWeights(prompts, always, rules, updateAtMs)!.weight)
  })
  it('fills a newcomer back with the worst score of each prompt before', () => {
    const late = { ...always, joinedAtMs: prompts[24]!.scoredAtMs }
    const ours = simulateWeights(prompts, late, rules, updateAtMs)!
    expect(ours).toMatchObject({ answered: 24, missed: 0, backfilled: 24 })
    const worst = scorePrompt([4000, 4010, 4100], p95)!.percentile - 4000
    expect(ours.smoothedScore).toBeCloseTo(worst / 2, 9)
  })
  it('leaves a prompt out for everybody that is not known of us', () => {
    const find = (prompt: FieldPrompt) => (prompt === prompts[0] ? undefined : 4000)
    const ours = simulateWeights(prompts, { ...always, find, unrecorded: 'skip' }, rules, updateAtMs)!
    const rest = simulateWeights(prompts.slice(1), always, rules, updateAtMs)!
    expect(ours).toEqual({ ...rest, unrecorded: 1 })
  })
  describe('where a uid changes hands', () => {
    // The best, uid 0, gets another holder in the middle of the prompts, and once more after three quarters of them.
    const startOf = (index: number) => prompts[index]!.scoredAtMs - 86_400_000
    const registrationAt = (index: number, hotkey: string) => ({ uid: 0, hotkey, registeredAtMs: startOf(index) })
    const holders = [registrationAt(24, '5New'), registrationAt(36, '5Newer')]
    const registrations = registrationsOf(holders.map((holder) => ({ ...holder, source: 'chain' })))
    const worst = scorePrompt([4000, 4010, 4100, 4000], p95)!.percentile - 4000
    const weightWith = (smoothedOfBest: number[]) =>
      1 / (1 + smoothedOfBest.reduce((sum, score) => sum + Math.exp(-0.1 * score), 0) + Math.exp(-1) + Math.exp(-10))

    it('knows every hand-over, and the holder at any time', () => {
      const ids = [startOf(24) - 1, startOf(24), startOf(36) - 1, startOf(36)].map((at) =>
        minerIdAt(registrations, 0, at),
      )
      expect(new Set(ids).size).toBe(3)
      expect(ids[1]).toBe(ids[2])
      expect(ids.map((id) => uidOfMiner(registrations, id, startOf(30)))).toEqual([null, 0, 0, null])
      expect(minerIdAt(registrations, 1, startOf(30))).toBe(1)
    })
    it('pays the former holder until the hand-over, and not after it', () => {
      const rows = registrationsOf([{ ...holders[0]!, source: 'chain' }])
      const at = (updateAtMs: number) =>
        simulateWeights(prompts, always, { ...rules, registrations: rows }, updateAtMs)!
      // The day-long prompts of the former holder are scored up to a day after the hand-over.
      const handOverMs = prompts[24]!.scoredAtMs - 86_400_000
      const early = prompts.map((prompt) => ({ ...prompt, scoredAtMs: prompt.scoredAtMs - 2 * dayMs }))
      const before = simulateWeights(early, always, { ...rules, registrations: rows }, handOverMs - 1)!
      expect(before.weight / 0.5).toBeCloseTo(weightWith([0]), 9)
      const between = simulateWeights(early, always, { ...rules, registrations: rows }, handOverMs)!
      expect(between.weight / 0.5).toBeCloseTo(weightWith([]), 9)
      expect(at(updateAtMs).weight / 0.5).toBeCloseTo(weightWith([worst / 2]), 9)
    })
    it('fills the third holder back for both before it', () => {
      const after = simulateWeights(prompts, always, { ...rules, registrations }, updateAtMs)!
      expect(after.miners).toBe(4)
      expect(after.weight / 0.5).toBeCloseTo(weightWith([(worst * 36) / 48]), 9)
    })
  })
  it('counts only the window', () => {
    expect(simulateWeights(prompts, always, rules, 120 * dayMs)).toBeNull()
  })
})

describe('prompts that end together', () => {
  const [btc, eth] = [fieldAt(5 * dayMs, [4000, 4040]), { ...fieldAt(5 * dayMs, [3000, 3060]), asset: 'ETH' }] as const
  const later = fieldAt(6 * dayMs, [4000, 4040, 4000])
  const weigh = (prompts: readonly FieldPrompt[]) =>
    simulateWeights(
      prompts,
      { joinedAtMs: 6 * dayMs, find: () => 4000, unrecorded: 'miss' },
      {
        ...{ label: 'Crypto 24h', windowDays: 10, newestRowLagSeconds: 0, beta: -0.1, coefficient: 1 },
        ...{ coefficientOf: () => 1, promptScoreRule: () => p95 },
      },
      7 * dayMs,
    )!
  it('fill a newcomer back with the one whose request came first', () => {
    const received = (prompt: FieldPrompt) => (prompt.asset === 'ETH' ? 10 : 20)
    const { prompts, unknownTies } = inSavedOrder([later, btc, eth], received)
    expect(prompts.map(({ asset }) => asset)).toEqual(['ETH', 'BTC', 'BTC'])
    expect(unknownTies).toBe(0)
    // The worst is 60 with ETH first, 40 with BTC first; one filled and one own row.
    expect(weigh(prompts).smoothedScore).toBeCloseTo((scorePrompt([3000, 3060], p95)!.percentile - 3000) / 2, 9)
  })
  it('keep their order where the journal does not hold them all, and are counted', () => {
    const { prompts, unknownTies } = inSavedOrder([btc, eth, later], ({ asset }) => (asset === 'ETH' ? 10 : undefined))
    expect(prompts.map(({ asset }) => asset)).toEqual(['BTC', 'ETH', 'BTC'])
    expect(unknownTies).toBe(1)
  })
})

describe('the watch over the rules', () => {
  const book = buildRegimeBook(builtInRegimes)
  const known = knownPromptScoreRules(book)
  const startMs = Date.UTC(2026, 7, 1)
  const field = [4012.1234567, 3987.55712, -1, 4100.9876543, 5120.25]
  const ruleOf = createRuleLookup(book)

  it('is silent while the rule of the date explains the field', () => {
    const prompt = fieldAt(startMs, field, p95)
    expect(watchRules([prompt], known, ruleOf)).toMatchObject({ asExpected: 1, otherRule: [], unexplained: [] })
  })
  it('names a field that follows the rule of another date', () => {
    const old: PromptScoreRule = { clip: { kind: 'p90' }, fill: 'p90' }
    const watch = watchRules([fieldAt(startMs, field, old)], known, ruleOf)
    expect(watch.otherRule.map(({ recognition }) => recognition.rules[0]!.clip.kind)).toEqual(['p90'])
  })
  it('raises the alarm over a field that no rule explains', () => {
    const prompt = fieldAt(startMs, field, p95)
    const changed = prompt.miners.map((miner) => (miner.crps === -1 ? { ...miner, promptScore: 5000 } : miner))
    expect(watchRules([{ ...prompt, miners: changed }], known, ruleOf).unexplained.length).toBe(1)
  })
  it('compares our published score with our replay', () => {
    const prompt = fieldAt(startMs, field)
    const watch = watchOwnScores([
      { prompt, published: 4012.123456, replayed: 4012.1234563 },
      { prompt, published: 4012.12, replayed: 4100 },
    ])
    expect(watch).toMatchObject({ compared: 2, equal: 1 })
    expect(watch.different[0]!.relative).toBeCloseTo(0.0219, 3)
  })
})

describe('stretches of the field', () => {
  it('are merged, and show what is missing between them', () => {
    const known = mergeWindows([
      { fromMs: 20, toMs: 30 },
      { fromMs: 0, toMs: 10 },
      { fromMs: 10, toMs: 15 },
    ])
    expect(known).toEqual([
      { fromMs: 0, toMs: 15 },
      { fromMs: 20, toMs: 30 },
    ])
    expect(missingWindows(known, { fromMs: 5, toMs: 40 })).toEqual([
      { fromMs: 15, toMs: 20 },
      { fromMs: 30, toMs: 40 },
    ])
    expect(missingWindows(known, { fromMs: 1, toMs: 9 })).toEqual([])
    expect(missingWindows([], { fromMs: 1, toMs: 9 })).toEqual([{ fromMs: 1, toMs: 9 }])
  })
  it('put rows together by prompt, each miner once, and leave other prompts out', () => {
    const row = { asset: 'BTC', timeLengthSeconds: 86_400, crps: 1, promptScore: 0, scoredAtMs: 10, minerUid: 3 }
    const prompts = groupByPrompt({ asset: 'BTC', timeLengthSeconds: 86_400 }, [
      row,
      { ...row, minerUid: 1 },
      { ...row, crps: 2 },
      { ...row, scoredAtMs: 5 },
      { ...row, asset: 'ETH' },
    ])
    expect(prompts.map(({ scoredAtMs, miners }) => [scoredAtMs, miners.map(({ uid, crps }) => [uid, crps])])).toEqual([
      [5, [[3, 1]]],
      [
        10,
        [
          [1, 1],
          [3, 2],
        ],
      ],
    ])
  })
})
