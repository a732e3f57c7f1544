import { describe, expect, it } from 'vitest'
import { dayMs } from '#core/base/time/units'
import type { FieldKind } from '#core/tuning/shadow/field'
import { TestClock } from '#tests/support/test-clock'
import { openTestDatabase } from '#tests/support/test-database'
import { SqliteFieldStore } from './field-store.ts'
import { SqliteOldRows } from './old-rows.ts'
import { SqliteRealisedPathStore } from './realised-path-store.ts'

const nowMs = Date.UTC(2026, 10, 30)
const btc: FieldKind = { asset: 'BTC', timeLengthSeconds: 86_400 }
const miners = [{ uid: 7, crps: 1, promptScore: 0 }]
const series = { venue: 'binanceSpot' as const, symbol: 'BTCUSDT' }
const pathAt = (startAtMs: number) => ({
  ...{ asset: 'BTC', startAtMs, timeLengthSeconds: 86_400, stepSeconds: 300, series },
})

function aStore() {
  const db = openTestDatabase()
  const clock = new TestClock(nowMs)
  const paths = new SqliteRealisedPathStore(db, clock)
  return { db, field: new SqliteFieldStore(db, clock), paths, old: new SqliteOldRows(db) }
}

function until0(step: () => number): number[] {
  const done: number[] = []
  for (;;) {
    const count = step()
    if (count === 0) return done
    done.push(count)
  }
}

describe('old rows', () => {
  it("deletes the field's scores by age in small pieces, and a stretch without its prompts does not count as fetched", () => {
    const { field, old } = aStore()
    for (let day = 0; day < 100; day += 1) {
      const fromMs = nowMs - (100 - day) * dayMs
      // Half a day beside whole ones, so that some stretch lies across the limit.
      const window = { fromMs: fromMs + dayMs / 2, toMs: fromMs + 1.5 * dayMs }
      const prompts = Array.from({ length: 10 }, (_, i) => ({
        ...btc,
        scoredAtMs: window.fromMs + i * 3_600_000,
        miners,
      }))
      field.save(btc, window, prompts, 0)
    }
    const beforeMs = nowMs - 40 * dayMs
    const all = { fromMs: 0, toMs: nowMs + dayMs }
    const newer = field.read(btc, all).filter(({ scoredAtMs }) => scoredAtMs >= beforeMs)
    const steps = until0(() => old.deleteField(beforeMs))
    expect(Math.max(...steps)).toBeLessThanOrEqual(500)
    expect(steps.length).toBeGreaterThan(6)
    expect(field.read(btc, all)).toEqual(newer)
    expect(field.listWindows(btc)).toEqual([{ fromMs: beforeMs, toMs: nowMs + dayMs / 2 }])
  })

  it('deletes realised paths by the end of their prompt, but none that a prediction on record needs', () => {
    const { db, paths, old } = aStore()
    const starts = Array.from({ length: 450 }, (_, i) => nowMs - (500 - i) * dayMs)
    paths.saveAll(starts.map((startAtMs) => ({ ...pathAt(startAtMs), prices: Float64Array.of(1), origin: 'venue' })))
    const needed = starts[3]!
    db.prepare(
      `insert into predictions (id, asset, start_at_ms, time_length_seconds, time_increment_seconds, path_count,
         received_at_ms, made_at_ms, reason, rung, model_name, model_version, parameters_hash, parameters, is_degraded,
         price_usd, price_published_at_ms, price_venue, sampler_version, seed, recipe, output_hash, stage_ms)
       values ('p', 'BTC', ?, 86400, 300, 1, 0, 0, 'all', 'champion', '', '', '', '', 0, 1, 0, '', 1, '', x'', :hash, '')`,
    ).run(needed, { hash: '0'.repeat(64) })
    const beforeMs = nowMs - 60 * dayMs
    const steps = until0(() => old.deleteRealisedPaths(beforeMs))
    expect(Math.max(...steps)).toBeLessThanOrEqual(200)
    const left = starts.filter((startAtMs) => paths.find(pathAt(startAtMs)) !== undefined)
    // A prompt of a day that began on the 61st day has not ended before the 60th.
    expect(left).toEqual([needed, ...starts.filter((startAtMs) => startAtMs + dayMs >= beforeMs)])
  })
})
