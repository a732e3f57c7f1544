import { expect, it } from 'vitest'
import { exportLine, pathsJsonOf } from '#core/forecast/journal/export-line'
import { aServed } from '#tests/support/served-prediction'
import { readSeedPrediction } from './read-seed-prediction.ts'

it('reads back why our own export says that a prediction was kept', () => {
  const { served, outputJson } = aServed({ prompt: { pathCount: 2 } })
  const reading = (why: { reason: 'event' | 'interval'; event?: string }) => {
    const read = readSeedPrediction(exportLine({ ...served, id: 'p', ...why }, pathsJsonOf(outputJson)))
    return read.ok ? [read.prediction.reason, read.prediction.event] : read.problem
  }
  expect(reading({ reason: 'event', event: 'consumerPrices' })).toEqual(['event', 'consumerPrices'])
  expect(reading({ reason: 'interval' })).toEqual(['interval', undefined])
})
