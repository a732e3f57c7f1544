import { describe, expect, it } from 'vitest'
import { buildRegimeBook } from '../regimes/book.ts'
import type { PromptLane, PromptProfile } from '../regimes/regime.ts'
import { resolvePromptRules } from '../regimes/resolve.ts'
import { builtInRegimes } from '../regimes/table/built-in.ts'
import { PromptLanes } from './prompt-lanes.ts'

const noon = Date.UTC(2026, 9, 20, 12) / 1000

function aProfile(lanes: readonly PromptLane[], extraSeconds = 60): PromptProfile {
  return {
    label: 'low',
    assets: lanes.flatMap(({ assets }) => assets),
    timeLengthSeconds: 86_400,
    timeIncrementSeconds: 300,
    pathCount: 1000,
    extraSeconds,
    usualAnswerSeconds: null,
    advisedAnswerSeconds: null,
    lanes,
    thinning: null,
    retentionDays: null,
  }
}

/** `[seconds after noon, asset, seconds from the request to its start]` of every prompt in so many minutes. */
function asked(lanes: PromptLanes, untilMinute: number): [number, string, number][] {
  const seen: [number, string, number][] = []
  while (lanes.nextAtSeconds <= noon + untilMinute * 60) {
    const now = lanes.nextAtSeconds
    for (const { asset, startAtSeconds } of lanes.take(now)) seen.push([now - noon, asset, startAtSeconds - now])
  }
  return seen
}

describe('PromptLanes', () => {
  it('asks for one asset after the other, each lane at its own interval, for the next whole minute and a bit', () => {
    const lanes = new PromptLanes(
      [
        aProfile([
          { assets: ['BTC'], intervalMinutes: 2, offsetMinutes: null },
          { assets: ['ETH', 'XAU'], intervalMinutes: 1, offsetMinutes: null },
        ]),
      ],
      noon,
    )
    expect(asked(lanes, 4)).toEqual([
      [60, 'BTC', 120],
      [60, 'ETH', 120],
      [120, 'XAU', 120],
      [180, 'BTC', 120],
      [180, 'ETH', 120],
      [240, 'XAU', 120],
    ])
  })

  it('continues with the next asset after a pause', () => {
    const lanes = new PromptLanes(
      [aProfile([{ assets: ['A', 'B', 'C'], intervalMinutes: 1, offsetMinutes: null }])],
      noon,
    )
    lanes.take(noon + 60)
    lanes.resume(noon + 600)
    expect(asked(lanes, 11)).toEqual([[660, 'B', 120]])
  })

  it('keeps a lane with an offset on its minutes', () => {
    const lanes = new PromptLanes([aProfile([{ assets: ['A'], intervalMinutes: 5, offsetMinutes: 3 }], 0)], noon)
    expect(asked(lanes, 14)).toEqual([
      [180, 'A', 60],
      [480, 'A', 60],
      [780, 'A', 60],
    ])
  })

  it('takes one turn, however many were missed', () => {
    const lanes = new PromptLanes([aProfile([{ assets: ['A', 'B'], intervalMinutes: 1, offsetMinutes: null }])], noon)
    expect(lanes.take(noon + 600).map(({ asset }) => asset)).toEqual(['A'])
  })

  it('asks for everything that the rules of autumn 2026 name within a dozen minutes', () => {
    const book = buildRegimeBook(builtInRegimes, undefined)
    const { promptProfiles } = resolvePromptRules(book, { answerAtMs: noon * 1000 })
    const lanes = new PromptLanes(promptProfiles, noon)
    const seen = new Set<string>()
    while (lanes.nextAtSeconds <= noon + 12 * 60) {
      for (const prompt of lanes.take(lanes.nextAtSeconds)) seen.add(`${prompt.asset} ${prompt.timeLengthSeconds}`)
    }
    const wanted = promptProfiles.flatMap(({ assets, timeLengthSeconds }) =>
      assets.map((asset) => `${asset} ${timeLengthSeconds}`),
    )
    expect([...seen].sort()).toEqual(wanted.sort())
  })
})
