import { describe, expect, it } from 'vitest'
import { StoreError } from '#core/base/errors/app-error'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs, minuteMs } from '#core/base/time/units'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import { SeedModel } from '#core/forecast/models/seed'
import { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { publishedSets } from '#tests/support/published-sets'
import { bitsOf, btcAt, madeCloses, VolatilityLab } from '#tests/support/volatility-lab'

const published = publishedSets()

const startMs = Date.UTC(2026, 8, 20, 12)
const btc = btcAt()
const day = { asset: 'BTC', startAtMs: startMs, stepSeconds: 300, stepCount: 288 }
const hour = { asset: 'BTC', startAtMs: startMs, stepSeconds: 60, stepCount: 60 }

/** A lab that has `days` days of minutes up to now. */
function labWith(days: number, options: { gapShare?: number } = {}): VolatilityLab {
  const lab = new VolatilityLab(startMs + 4_000)
  const count = days * 1_440
  lab.write(btc, startMs - count * minuteMs, madeCloses(11n, count, options.gapShare ?? 0.02))
  return lab
}

describe('ForecastStates on a cold start', () => {
  it('makes every state of the stored minutes before it is ready', async () => {
    const lab = labWith(20)
    const states = await lab.start()
    expect(states.readEwma('BTC')).toMatchObject({ isDegraded: false, lambda: 0.94, lastCloseAtMs: startMs })
    for (const question of [day, hour]) {
      expect(new CalibratedModel(states.readMemory).forecast(question)).toMatchObject({ ok: true, isDegraded: false })
    }
    expect(new SeedModel(states.readEwma).forecast(day)).toMatchObject({ ok: true, isDegraded: false })
    expect(states.health()).toEqual({ state: 'ok', sentence: 'State of 1 assets up to 2026-09-20T11:59:00Z.' })
    expect(states.readSet('BTC', 'low')?.hash).toBe(published.find('BTC', 'low')?.hash)
  })

  it('says that it uses defaults while it knows no minute, and is whole once a first answer brings a day', async () => {
    const lab = new VolatilityLab(startMs + 4_000)
    const states = await lab.start()
    expect(states.readEwma('BTC')).toBeUndefined()
    expect(new CalibratedModel(states.readMemory).forecast(day)).toMatchObject({ ok: false })
    expect(new SeedModel(states.readEwma).forecast(day)).toMatchObject({ ok: true, isDegraded: true })
    expect(states.health()).toMatchObject({ state: 'degraded', sentence: 'No minutes of BTC yet: defaults are used.' })
    expect(lab.log.events()).not.toContain('vol_state_rebuilt')
    lab.write(btc, startMs - 1_440 * minuteMs, madeCloses(1n, 1_440))
    states.minutesStored(btc)
    expect(states.readEwma('BTC')?.isDegraded).toBe(false)
    states.roundDone()
    expect(states.health().state).toBe('ok')
    expect(bitsOf(states)).toBe(await lab.replayed())
  })

  it('marks what rests on too few minutes', async () => {
    const lab = new VolatilityLab(startMs + 4_000)
    lab.write(btc, startMs - 20 * minuteMs, madeCloses(1n, 20))
    const states = await lab.start()
    expect(states.readEwma('BTC')).toMatchObject({ isDegraded: true, variance: 5e-6 })
    expect(states.health()).toMatchObject({
      state: 'degraded',
      sentence: 'Too few minutes of BTC: defaults are used in part.',
    })
  })

  it('takes older minutes that arrive later, as from a venue whose history is fetched bit by bit', async () => {
    const lab = new VolatilityLab(startMs + 4_000)
    const closes = madeCloses(12n, 30 * 1_440)
    const at = (i: number) => startMs - (closes.length - i) * minuteMs
    const states = await lab.start()
    for (const [from, to] of [
      [closes.length - 1_440, closes.length],
      [0, 5_000],
      [5_000, 20_000],
      [20_000, closes.length - 1_440],
    ] as const) {
      lab.write(btc, at(from), closes.subarray(from, to))
      states.minutesStored(btc)
      states.roundDone()
      await states.settled()
    }
    expect(states.readEwma('BTC')?.lastCloseAtMs).toBe(startMs)
    const bits = bitsOf(states)
    expect(bits).toBe(await lab.replayed())
    const continuous = new VolatilityLab(startMs + 4_000)
    continuous.write(btc, at(0), closes)
    expect(bits).toBe(bitsOf(await continuous.start()))
    expect(lab.log.entries.filter(({ event }) => event === 'vol_state_rebuilt')[0]).toMatchObject({
      reason: 'lateMinutes',
      level: 'info',
    })
  })
})

describe('ForecastStates after a restart', () => {
  it('continues from the stored state without reading older minutes', async () => {
    const lab = labWith(20)
    const bits = bitsOf(await lab.start())
    const events = lab.log.entries.length
    const again = await lab.start()
    expect(bitsOf(again)).toBe(bits)
    expect(lab.log.entries.slice(events).map(({ event }) => event)).not.toContain('vol_state_rebuilt')
  })

  it('catches up on the minutes of its absence, to the bit as if it had been there', async () => {
    const lab = labWith(10)
    const first = await lab.start()
    await first.stop()
    const missed = madeCloses(13n, 4 * 1_440, 0.1)
    lab.write(btc, startMs, missed)
    await lab.clock.advance(missed.length * minuteMs)
    const states = await lab.start()
    const bits = bitsOf(states)
    expect(lab.log.events().filter((event) => event === 'vol_state_rebuilt')).toHaveLength(1) // the cold start
    expect(bits).toBe(await lab.replayed())
  })

  it('sees that another program stored older minutes meanwhile', async () => {
    const lab = labWith(5)
    await (await lab.start()).stop()
    lab.write(btc, startMs - 20 * dayMs, madeCloses(14n, 15 * 1_440))
    const bits = bitsOf(await lab.start())
    expect(lab.log.entries.at(-1)).toMatchObject({ event: 'vol_state_rebuilt', reason: 'lateMinutes' })
    expect(bits).toBe(await lab.replayed())
  })

  it('still knows of late minutes when it was stopped before it had made use of them', async () => {
    const lab = labWith(5)
    const states = await lab.start()
    await lab.clock.advance(minuteMs)
    lab.write(btc, startMs, [50_000])
    lab.write(btc, startMs - 20 * dayMs, madeCloses(14n, 15 * 1_440))
    states.roundDone()
    await states.stop()
    const bits = bitsOf(await lab.start())
    expect(bits).not.toBe(bitsOf(states))
    expect(bits).toBe(await lab.replayed())
  })

  it('rebuilds only the memory whose parameters have changed', async () => {
    const lab = labWith(12)
    const before = bitsOf(await lab.start()).split('\n')
    const eth = published.find('ETH', 'low')!
    lab.sets = {
      ...lab.sets,
      problems: [],
      list: () => [],
      find: (asset: string, horizon: Horizon) =>
        horizon === 'low' ? { ...eth, asset } : published.find(asset, horizon),
    } as unknown as CalibratedSets
    const states = await lab.start()
    const after = bitsOf(states).split('\n')
    expect(lab.log.entries.at(-1)).toMatchObject({ reason: 'otherParameters', parts: 'low' })
    expect([after[0], after[2]]).toEqual([before[0], before[2]])
    expect(states.readMemory('BTC', 'low')?.isDegraded).toBe(false)
    expect(bitsOf(states)).toBe(await lab.replayed())
  })
})

describe('ForecastStates on damaged rows', () => {
  const columns = ['state', 'seen_to_at_ms', 'closes_taken', 'closes_stored', 'sha256', 'symbol'] as const

  it('is rebuilt from the minutes in 100 of 100 kinds of damage, and no forecast is ever NaN', async () => {
    const lab = labWith(8)
    const whole = bitsOf(await lab.start())
    const good = lab.db.prepare('select * from volatility_states').all() as Record<string, unknown>[]
    const restore = lab.db.prepare(
      `insert or replace into volatility_states values
       (:asset, :part, :venue, :symbol, :state, :seen_to_at_ms, :closes_taken, :closes_stored, :sha256, :stored_at_ms)`,
    )
    const rng = new SplitMix64(99n)
    for (let seed = 0; seed < 100; seed += 1) {
      for (const row of good) restore.run(row)
      const row = good[Math.floor(rng.next() * good.length)]!
      const column = columns[Math.floor(rng.next() * columns.length)]!
      if (seed % 10 === 0) lab.db.prepare('delete from volatility_states where part = ?').run(row['part'])
      else restore.run({ ...row, [column]: damage(row[column] as string | number, rng) })
      const states = await lab.start()
      expect(bitsOf(states), `damage ${seed}`).toBe(whole)
      for (const question of [day, hour]) expectFinite(new CalibratedModel(states.readMemory).forecast(question))
      expectFinite(new SeedModel(states.readEwma).forecast(day))
      expect(lab.log.entries.at(-1)).toMatchObject({ event: 'vol_state_rebuilt', asset: 'BTC' })
    }
  }, 60_000)

  it.each([
    ['unreadable', (text: string) => text.slice(0, 20)],
    ['otherVersion', (text: string) => text.replace('"version":1', '"version":7')],
    ['notFinite', (text: string) => text.replace(/"variance":[^,]+/, '"variance":null')],
    ['fromFuture', (text: string) => text.replace(/"lastCloseAtMs":\d+/, `"lastCloseAtMs":${startMs + dayMs}`)],
    ['tooOld', (text: string) => text.replace(/"lastCloseAtMs":\d+/, '"lastCloseAtMs":1000')],
  ])('names the reason: %s', async (reason, spoil) => {
    const lab = labWith(3)
    const whole = bitsOf(await lab.start())
    const rows = lab.store.readAll().flatMap((row) => (row.isIntact ? [row] : []))
    lab.store.save(rows.map((row) => (row.part === 'ewma' ? { ...row, text: spoil(row.text) } : row)))
    const states = await lab.start()
    expect(lab.log.entries.at(-1)).toMatchObject({ event: 'vol_state_rebuilt', reason, parts: 'ewma', level: 'warn' })
    expect(bitsOf(states)).toBe(whole)
  })

  it('starts cold when there are no minutes either', async () => {
    const lab = labWith(3)
    await lab.start()
    lab.db.exec(`update volatility_states set state = 'x'; delete from minute_days; delete from minute_ranges`)
    const states = await lab.start()
    expect(states.readEwma('BTC')).toBeUndefined()
    expect(new SeedModel(states.readEwma).forecast(day)).toMatchObject({ ok: true, isDegraded: true })
    expect(lab.log.entries.at(-1)).toMatchObject({ event: 'vol_state_rebuilt', reason: 'damaged', closes: 0 })
  })
})

describe('ForecastStates while it runs', () => {
  it('keeps all rows of a tick or none', async () => {
    const lab = labWith(3)
    const states = await lab.start()
    const before = lab.db.prepare('select * from volatility_states').all()
    lab.db.exec(`create trigger full before update on volatility_states when new.part = 'low'
                 begin select raise(abort, 'database or disk is full'); end`)
    await lab.clock.advance(5 * minuteMs)
    lab.write(btc, startMs, madeCloses(15n, 5))
    states.roundDone()
    expect(lab.db.prepare('select * from volatility_states').all()).toEqual(before)
    expect(states.health().sentence).toContain('The state is kept in memory only')
    expect(lab.log.events()).toContain('volatility.store_failed')
    expect(states.readEwma('BTC')?.lastCloseAtMs).toBe(startMs + 5 * minuteMs)
    lab.db.exec('drop trigger full')
    states.roundDone()
    expect(states.health().state).toBe('ok')
    expect(bitsOf(await lab.start())).toBe(bitsOf(states))
  })

  it('stores as often as the setting says, and what is left when it stops', async () => {
    const lab = labWith(3)
    lab.storeEveryMs = 180_000
    const states = await lab.start()
    const storedTo = () => lab.store.readAll().flatMap((row) => (row.isIntact ? [row.seenToMs] : []))[0]
    const at: (number | undefined)[] = []
    for (const close of madeCloses(16n, 7)) {
      lab.write(btc, lab.clock.nowMs() - (lab.clock.nowMs() % minuteMs), [close])
      await lab.clock.advance(minuteMs)
      states.roundDone()
      at.push(((storedTo() ?? 0) - startMs) / minuteMs)
    }
    expect(at).toEqual([-1, -1, 2, 2, 2, 5, 5])
    await states.stop()
    expect(((storedTo() ?? 0) - startMs) / minuteMs).toBe(6)
  })

  it('continues when minutes cannot be read, and catches up later', async () => {
    const lab = labWith(3)
    const states = await lab.start()
    const { lastClose } = lab.minutes
    lab.minutes.lastClose = () => {
      throw new StoreError('MINUTES_STORE_FAILED', 'The minutes were not read: disk I/O error.')
    }
    await lab.clock.advance(minuteMs)
    lab.write(btc, startMs, [50_000])
    states.minutesStored(btc)
    expect(states.health().state).toBe('degraded')
    lab.minutes.lastClose = lastClose
    states.roundDone()
    expect(states.health().state).toBe('ok')
    expect(bitsOf(states)).toBe(await lab.replayed())
  })

  it('takes a tuned lambda into the live state at the next round, and keeps it over a restart', async () => {
    const lab = labWith(3)
    let lambda = 0.94
    lab.parameters = {
      inForce: () => ({
        revision: 1,
        of: (asset) => ({ ...defaultParameters(asset), lambda }),
        previousChampion: () => undefined,
      }),
    }
    const states = await lab.start()
    const before = states.readEwma('BTC')!
    lambda = 0.5
    states.roundDone()
    expect(states.readEwma('BTC')).toEqual({ ...before, lambda: 0.5 })
    await lab.clock.advance(minuteMs)
    lab.write(btc, startMs, [before.lastClose * Math.exp(0.01)])
    states.roundDone()
    expect(states.readEwma('BTC')?.variance).toBeCloseTo(0.5 * before.variance + 0.5 * 1e-4, 10)
    const again = await lab.start()
    expect(again.readEwma('BTC')).toEqual(states.readEwma('BTC'))
    const row = lab.store.readAll().find(({ part }) => part === 'ewma')
    expect(row?.isIntact === true && JSON.parse(row.text)).toMatchObject({ lambda: 0.5 })
  })

  it('moves to the series that the rules name, once that one has minutes enough', async () => {
    const lab = labWith(5)
    const states = await lab.start()
    const old = bitsOf(states)
    const other = btcAt('BTCUSDC')
    lab.sources = () => ({ venue: other.venue, symbol: other.symbol })
    const round = async () => {
      states.roundDone()
      await states.settled()
    }
    await round()
    expect(bitsOf(states)).toBe(old)
    lab.write(other, startMs - 10 * minuteMs, madeCloses(16n, 10))
    await round()
    expect(bitsOf(states)).toBe(old)
    lab.write(other, startMs - 1_440 * minuteMs, madeCloses(16n, 1_430))
    await round()
    expect(bitsOf(states)).not.toBe(old)
    expect(lab.log.entries.at(-1)).toMatchObject({ event: 'vol_state_rebuilt', reason: 'otherSeries' })
    const bits = bitsOf(states)
    expect(bitsOf(await lab.start())).toBe(bits)
    expect(bits).toBe(await lab.replayed())
  })

  it('names a parameter file that is not used', async () => {
    const lab = labWith(3)
    const folder = { origin: 'operator', files: [{ path: 'own/BTC.low.json', text: '{' }], problems: [] } as const
    lab.sets = new CalibratedSets([folder], () => '')
    const states = await lab.start()
    expect(states.health()).toMatchObject({
      state: 'degraded',
      sentence: 'own/BTC.low.json is not used: no JSON.',
    })
    expect(lab.log.entries.find(({ event }) => event === 'parameters.refused')).toMatchObject({ reason: 'no JSON' })
    expect(states.readMemory('BTC', 'low')).toBeUndefined()
  })
})

function damage(value: string | number, rng: SplitMix64): string | number {
  if (typeof value === 'number') return Math.abs(value + Math.round((rng.next() - 0.5) * 1e9)) + 1
  const at = Math.floor(rng.next() * value.length)
  const kind = rng.next()
  // A text of the same length: the checksum's column takes no other.
  const other = value[at] === '7' ? '3' : '7'
  if (kind < 0.6 || value.length === 64) return value.slice(0, at) + other + value.slice(at + 1)
  if (kind < 0.8 || !/\d\.\d/.test(value)) return value.slice(0, at)
  return value.replace(/\d+\.\d+/, 'NaN')
}

function expectFinite(answer: ReturnType<CalibratedModel['forecast']>): void {
  if (!answer.ok) throw new Error(answer.reason)
  for (const { process } of answer.forecast) {
    expect(process.stepVariances.every((variance) => variance > 0 && Number.isFinite(variance))).toBe(true)
  }
}
