import { expect, it } from 'vitest'
import { aServed, pathTools } from '#tests/support/served-prediction'
import { exportLine, pathsJsonOf, servedText } from './export-line.ts'
import { predictionId } from './prediction-id.ts'
import { readOutput, toMatrix } from './read-output.ts'

const { served, outputJson } = aServed({ prompt: { pathCount: 2 } })
const id = predictionId(served.prompt, served.outputHash)
const record = { ...served, id, reason: 'interval' as const }

it('names a prediction by what it is', () => {
  expect(id).toBe(`BTC-3600s-20260922T120000Z-${served.outputHash.slice(0, 12)}`)
})

it('writes the fields of the older logs under their names', () => {
  const { volcast, ...line } = JSON.parse(exportLine(record, undefined)) as Record<string, unknown>
  expect(line).toEqual({
    t0: '2026-09-22T12:00:00+00:00',
    request_time: '2026-09-22T11:59:02Z',
    asset: 'BTC',
    prompt: 'high',
    increment: 60,
    length: 3_600,
    num_simulations: 2,
    model_version: 'calibrated@abc123',
    parameter_hash: '0123456789abcdef',
    config_snapshot: {
      lambda: 0.94,
      df: 5,
      sigma_cap_daily: 0.1,
      shrink_high: 0.9,
      champion: { low: 'calibrated', high: 'blend' },
      blend: { low: { calibrated: 1 }, high: { calibrated: 0.7, seed: 0.3 } },
    },
    steps: 60,
    horizon_hours: 1,
    logged_at: '2026-09-22T11:59:02.020Z',
    log_reason: 'interval',
  })
  expect(volcast).toMatchObject({ id, rung: 'champion', seed: '1', output_hash: served.outputHash })
})

it('writes the prices digit for digit as they were served', () => {
  const reading = readOutput(outputJson)
  if (!reading.ok) throw new Error(reading.detail)
  const text = servedText(served.prompt, toMatrix(reading.prices), pathTools.writePrices)
  expect(text).toEqual(outputJson)
  const output = new TextDecoder().decode(outputJson)
  const line = exportLine(record, pathsJsonOf(text!))
  expect(line.endsWith(`,"paths":[${output.slice(output.indexOf(',[') + 1)}}`)).toBe(true)
  const { paths } = JSON.parse(line) as { paths: unknown }
  expect(paths).toEqual((JSON.parse(output) as unknown[]).slice(2))
})

it('names the event for which a prediction was kept', () => {
  const kept = { ...record, reason: 'event' as const, event: 'consumerPrices' }
  const { log_reason, volcast } = JSON.parse(exportLine(kept, undefined)) as Record<string, unknown>
  expect([log_reason, volcast]).toEqual(['event', expect.objectContaining({ event: 'consumerPrices' })])
})
