import { describe, expect, it } from 'vitest'
import { LevelGate, type LevelVerdict } from './level-gate.ts'

const calm = { key: 'ETH', close: 4_000, distanceMinutes: 1, neighbourClose: 4_000, otherCloses: [100_000, 150] }

function ask(gate: LevelGate, close: number, distanceMinutes = 1): LevelVerdict {
  return gate.judge({ ...calm, close, distanceMinutes })
}

describe('LevelGate', () => {
  it('lets a day like 10 October 2025 through: 10 % in a minute', () => {
    expect(ask(new LevelGate(), 3_600)).toBe('ok')
  })
  it('holds a jump back until it has been seen three times in a row', () => {
    const gate = new LevelGate()
    expect([ask(gate, 2_000), ask(gate, 2_010), ask(gate, 2_020)]).toEqual(['jumped', 'jumped', 'ok'])
  })
  it('counts again when the level moves or comes back in between', () => {
    const gate = new LevelGate()
    expect([ask(gate, 2_000), ask(gate, 4_000), ask(gate, 2_000), ask(gate, 2_500), ask(gate, 2_500)]).toEqual([
      'jumped',
      'ok',
      'jumped',
      'jumped',
      'jumped',
    ])
  })
  it('takes hours of the same mistake for a mistake when the level is that of another series', () => {
    const gate = new LevelGate()
    const verdicts = Array.from({ length: 720 }, () => ask(gate, 100_500))
    expect(verdicts.slice(0, 719).every((verdict) => verdict === 'looksLikeAnother')).toBe(true)
    expect(verdicts[719]).toBe('ok')
  })
  it('allows more after a long hole', () => {
    expect(ask(new LevelGate(), 2_400)).toBe('jumped')
    expect(ask(new LevelGate(), 2_400, 10 * 1_440)).toBe('ok')
    expect(ask(new LevelGate(), 100_000, 365 * 1_440)).toBe('looksLikeAnother')
  })
})
