/** The real wiring of forecasts, from ladder to worker threads, behind a fixed price and a chosen state. */

import { systemClock } from '#adapters/clock/system-clock'
import { HealthBoard } from '#core/base/health/health-board'
import { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import type { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import type { EwmaState } from '#core/forecast/models/ewma-state'
import type { Horizon } from '#core/synth/prompts/horizon'
import { buildRegimeBook } from '#core/synth/regimes/book'
import { builtInRegimes } from '#core/synth/regimes/table/built-in'
import { composeForecasts, type ForecastParts } from '#daemon/subnets/synth/compose'
import { defaultSynthConfig, type SynthConfig } from '#daemon/subnets/synth/config'
import { defaultParameterSource } from '#tests/support/default-source'
import { calibratedMemory } from './calibrated-forecast.ts'
import { TestLogger } from './test-logger.ts'

export interface TestForecasts {
  readonly texts: AnswerTextMaker
  readonly assets: ReadonlySet<string>
  readonly log: TestLogger
  readonly board: HealthBoard
  stop(): Promise<void>
}

export function anEwma(asset: string, change: Partial<EwmaState> = {}): EwmaState {
  const base = {
    version: 1,
    variance: 4e-7,
    lastClose: 100,
    lastCloseAtMs: 0,
    lambda: 0.94,
    isDegraded: false,
  } as const
  return { ...base, asset, ...change }
}

const memories = new Map<string, CalibratedMemory | undefined>()

/** The published parameters after two weeks of made-up minutes; made once for each asset and horizon. */
export function publishedMemory(asset: string, horizon: Horizon): CalibratedMemory | undefined {
  const key = `${asset} ${horizon}`
  if (!memories.has(key)) memories.set(key, calibratedMemory(asset, horizon))
  return memories.get(key)
}

export async function startForecasts(
  options: Partial<ForecastParts> & { readonly priceUsd?: number; readonly synth?: Partial<SynthConfig> } = {},
): Promise<TestForecasts> {
  const { priceUsd = 103_251.37, synth, ...parts } = options
  const clock = parts.clock ?? systemClock
  const log = new TestLogger()
  const board = new HealthBoard()
  const stack = new ShutdownStack({ log, clock })
  const { texts, assets } = await composeForecasts(
    {
      stack,
      board,
      log,
      clock,
      processSeed: 7n,
      book: buildRegimeBook(builtInRegimes),
      spot: { spotPrice: () => ({ ok: true, priceUsd, publishedAtMs: clock.nowMs(), venue: 'binance' }) },
      parameters: defaultParameterSource,
      readEwma: (asset) => anEwma(asset),
      readMemory: publishedMemory,
      ...parts,
    },
    { ...defaultSynthConfig(), prepareAhead: false, ...synth },
  )
  return { texts, assets, log, board, stop: () => stack.stop() }
}
