import { describe, expect, it } from 'vitest'
import { dayMs, hourMs, minuteMs } from '#core/base/time/units'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { type FieldPrompt, startMsOf } from './field.ts'
import { reportShadow, type ShadowInput } from './report.ts'

const book = buildRegimeBook(builtInRegimes)
const nowMs = Date.UTC(2026, 10, 20)

/** Day-long prompts, one an hour for each asset; scores move by asset and time, a miss now and then. */
function prompts(assets: readonly string[], days: number): FieldPrompt[] {
  return assets.flatMap((asset, k) =>
    Array.from({ length: days * 24 }, (_, i): FieldPrompt => {
      const scoredAtMs = nowMs - days * dayMs + i * hourMs + k * 7 * minuteMs
      const crps = [0, 1, 2, 3, 4].map((uid) => (i % 11 === uid ? -1 : 4000 + ((i * (uid + 3) + k * 5) % 37)))
      const miners = crps.map((value, uid) => ({ uid, crps: value, promptScore: 0 }))
      return { asset, timeLengthSeconds: 86_400, scoredAtMs, miners }
    }),
  )
}

const all = prompts(['BTC', 'ETH'], 14)
const score = ({ scoredAtMs }: FieldPrompt) => 4000 + ((scoredAtMs / hourMs) % 13)

function report(changes: Partial<ShadowInput> = {}) {
  const { competitions } = reportShadow({
    ...{ book, prompts: all, ourScore: score, unrecorded: 'skip', isExternalOn: false, registrations: undefined },
    ...{ receivedAtMs: () => undefined, joinedAtMs: 0, mostUpdates: Number.POSITIVE_INFINITY },
    ...{ fromMs: nowMs - 2 * dayMs, nowMs },
    ...changes,
  })
  return competitions[0]!
}

describe('the series by update', () => {
  it('has at each update what was known then, and nothing of later', () => {
    const { weights, updates } = report()
    // Two prompts an hour, and now.
    expect([updates, weights.length]).toEqual([97, 97])
    for (const weight of weights.filter((_, i) => i % 16 === 0)) {
      const { updateAtMs } = weight
      const known = all.filter(({ scoredAtMs }) => scoredAtMs < updateAtMs)
      const then = report({ prompts: known, nowMs: updateAtMs, fromMs: updateAtMs - dayMs })
      expect(weight).toEqual(then.weights.at(-1))
    }
    expect(new Set(weights.map(({ smoothedScore }) => smoothedScore)).size).toBeGreaterThan(50)
  })

  it('has each asset as if the competition had no other', () => {
    const { assets } = report()
    const alone = report({ prompts: prompts(['BTC'], 14) })
    const [btc] = assets
    expect(btc!.asset).toBe('BTC')
    const own = new Map(btc!.weights.map((weight) => [weight.updateAtMs, weight]))
    expect(alone.weights.length).toBeGreaterThan(40)
    for (const { smoothedScore, weight, updateAtMs, ...rest } of alone.weights) {
      expect(own.get(updateAtMs)).toMatchObject({
        rank: rest.rank,
        miners: rest.miners,
        answered: rest.answered,
        // Its coefficient is one here.
        smoothedScore: expect.closeTo(smoothedScore!, 9) as number,
        weight: expect.closeTo(weight, 12) as number,
      })
    }
  })

  it('takes no prompt for ours that had started before our first answer', () => {
    // A miner of this age has answers of an hour already, and none of a day that could be scored.
    const firstMs = nowMs - 2 * dayMs
    const { assets, isComparable } = report({
      ourScore: (prompt) => (startMsOf(prompt) >= firstMs ? score(prompt) : undefined),
      joinedAtMs: firstMs + hourMs,
    })
    expect(isComparable).toBe(true)
    for (const asset of assets) expect(asset).toMatchObject({ realisedCoverage: 1, prompts: 24 })
  })

  it('is not compared where an asset of the competition is unknown, but the known one is', () => {
    const onlyBtc = report({ ourScore: (prompt) => (prompt.asset === 'BTC' ? score(prompt) : undefined) })
    expect(onlyBtc.isComparable).toBe(false)
    expect(onlyBtc.assets.map(({ asset, isComparable, unrecorded }) => [asset, isComparable, unrecorded])).toEqual([
      ['BTC', true, 0],
      ['ETH', false, 48],
    ])
    expect(onlyBtc.assets[0]!.weights.at(-1)!.rank).toBe(report().assets[0]!.weights.at(-1)!.rank)
  })
})
