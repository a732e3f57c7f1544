import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '#adapters/clock/system-clock'
import { SqliteMinuteStore } from '#adapters/sqlite/minute-store'
import { HealthBoard } from '#core/base/health/health-board'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { composeModels } from '#daemon/compose-models'
import { harManifest, madeMinutes, placeModel } from '#tests/support/onnx-models'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { openMemoryDatabase } from '#tests/support/test-database'
import { WatchedLogger } from '#tests/support/watched-logger'

const startAtMs = Date.UTC(2026, 8, 23, 12)
const question = { asset: 'BTC', startAtMs, stepSeconds: 300, stepCount: 288 }
const source = { venue: 'binanceSpot', symbol: 'BTCUSDT' } as const

function partsWith(minutes: number, hasCandles = false) {
  const log = new WatchedLogger()
  const stack = new ShutdownStack({ log, clock: systemClock })
  onTestFinished(() => stack.stop())
  const store = new SqliteMinuteStore(openMemoryDatabase(), systemClock)
  const { closes } = madeMinutes(startAtMs, minutes)
  const openAtMs = (i: number) => startAtMs - (minutes - i) * minuteMs
  const batch = new MinuteBatch()
  for (const [i, close] of closes.entries()) {
    batch.setClose(openAtMs(i), close)
    const candle = { openAtMs: openAtMs(i), open: close, high: close * 1.001, low: close * 0.999, volume: 2 }
    if (hasCandles) batch.addCandle(candle, close)
  }
  store.write([{ series: { asset: 'BTC', ...source }, batch, origin: 'imported' }])
  const board = new HealthBoard()
  const parts = {
    stack,
    board,
    store,
    sources: () => source,
    clock: systemClock,
    log: Object.assign(log, { child: () => log }),
    onBug: (error: unknown) => {
      throw error
    },
  }
  return { parts, log, board }
}

const config = (dir?: string) => ({ dir, components: [], servers: [], deadlineMs: 5_000, largestSdRatio: 4 })

describe('the models of the miner', () => {
  it('forecast from the minute store while a damaged one shows on the health page', async () => {
    const dir = temporaryFolder()
    placeModel(dir, 'har', 'har')
    placeModel(dir, 'cut', 'har')
    truncateSync(join(dir, 'cut', 'model.onnx'), 3_000)
    const { parts, log, board } = partsWith(1_600)
    const shelf = await composeModels(parts, config(dir))
    expect(shelf?.whyNot('onnx:har')).toBe('models are still being checked')
    await log.first('model.loaded')
    expect(await shelf?.find('onnx:har')?.forecast(question)).toMatchObject({ ok: true, isDegraded: false })
    expect(log.entries).toContainEqual(
      expect.objectContaining({ event: 'model_fallback', model: 'onnx:cut', reason: 'wrongHash' }),
    )
    expect(board.report().parts['models']).toMatchObject({
      state: 'degraded',
      sentence: expect.stringMatching(/^cut: .*model\.onnx has the hash/),
    })
  })

  it('read the candles of the store, and say so where there are none', async () => {
    const dir = temporaryFolder()
    const inputs = [
      {
        ...harManifest.inputs[0],
        features: [30, 180, 1440].map((minutes) => ({ kind: 'logVolume', minutes, mean: 0, sd: 20 })),
      },
    ]
    placeModel(dir, 'har', 'har', { inputs })
    for (const [candles, answer] of [
      [true, { ok: true }],
      [
        false,
        {
          ok: false,
          reason: 'logVolume minutes=30 of BTC is unknown in 100.0 % of the rows, the model accepts 20.0 %',
        },
      ],
    ] as const) {
      const { parts, log } = partsWith(1_600, candles)
      const shelf = await composeModels(parts, { ...config(dir), largestSdRatio: 1e6 })
      await log.first('model.loaded')
      expect(await shelf?.find('onnx:har')?.forecast(question)).toMatchObject(answer)
    }
  })

  it('do not run on fewer minutes than they need', async () => {
    const dir = temporaryFolder()
    placeModel(dir, 'har', 'har')
    const { parts, log } = partsWith(600)
    const shelf = await composeModels(parts, config(dir))
    await log.first('model.loaded')
    expect(await shelf?.find('onnx:har')?.forecast(question)).toEqual({
      ok: false,
      reason: '59.9 % of the minutes of BTC are unknown, the model accepts 20.0 %',
    })
  })

  it('are no part of a miner without models.dir', async () => {
    const { parts, board } = partsWith(1)
    expect(await composeModels(parts, config())).toBeUndefined()
    expect(board.report().parts).toEqual({})
  })
})
