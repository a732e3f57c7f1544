/** What the calibrated model forecasts with its published parameters after two weeks of made-up minutes. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import { CalibratedModel } from '#core/forecast/models/calibrated'
import { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import { readParameterFile } from '#core/forecast/models/parameter-file'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'
import { dayHorizon, hourHorizon } from './stand-in-forecast.ts'

const published = join(import.meta.dirname, '..', '..', 'models', 'published', 'calibrated')
/** A Wednesday noon. */
const startAtMs = Date.UTC(2026, 8, 23, 12)
const memoryMs = 14 * dayMs
const minuteDeviation = 6e-4

/** Undefined for an asset without published parameters. */
export function calibratedMemory(asset: string, horizon: Horizon): CalibratedMemory | undefined {
  const { stepSeconds } = horizon === 'low' ? dayHorizon : hourHorizon
  const file = join(published, `${asset}.${horizon}.json`)
  if (!existsSync(file)) return undefined
  const reading = readParameterFile(readFileSync(file, 'utf8'), (content) =>
    createHash('sha256').update(content).digest('hex'),
  )
  if (!reading.ok) throw new Error(`The published parameters of ${asset} cannot be read: ${reading.reason}.`)
  const memory = new CalibratedMemory(reading.file.parameters, reading.file.hash)
  const rng = new SplitMix64(11n)
  let price = 100_000
  for (let atMs = startAtMs - memoryMs; atMs <= startAtMs; atMs += stepSeconds * 1000) {
    const uniform = rng.next() + rng.next() + rng.next() - 1.5
    price *= Math.exp(2 * uniform * minuteDeviation * Math.sqrt(stepSeconds / 60))
    memory.takePrice(price, atMs)
  }
  return memory
}

export function calibratedForecast(asset: string, horizon: Horizon): Forecast {
  const { stepSeconds, stepCount } = horizon === 'low' ? dayHorizon : hourHorizon
  const memory = calibratedMemory(asset, horizon)
  const answer = new CalibratedModel(() => memory).forecast({ asset, startAtMs, stepSeconds, stepCount })
  if (!answer.ok) throw new Error(`No forecast of ${asset}: ${answer.reason}.`)
  return answer.forecast
}
