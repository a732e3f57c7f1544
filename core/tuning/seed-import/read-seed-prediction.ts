import { z } from 'zod'
import type { RecordReason } from '#core/forecast/journal/prediction-record'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { defaultParameters } from '#core/forecast/parameters/default-parameters'
import { type Forecast, singlePart } from '#core/forecast/paths/process-parameters'
import type { Prompt } from '#core/synth/prompts/prompt'
import type { PathMatrix } from '#core/synth/scoring/crps'
import { instantMsOf } from './seed-instant.ts'

/** One line of the older miner's log, in our words; the journal's writer adds name, hash and bytes. */
export interface SeedPrediction {
  readonly prompt: Prompt
  readonly receivedAtMs: number
  readonly madeAtMs: number
  readonly reason: RecordReason
  readonly event?: string
  readonly modelVersion: string
  readonly parameters: AssetParameters
  readonly paths: PathMatrix
  /** Its recipe is lost; this says how volatile its paths were, step by step. */
  readonly forecast: Forecast
}

type SeedLine =
  | { readonly ok: true; readonly prediction: SeedPrediction }
  | { readonly ok: false; readonly problem: string }

const Numbers = z.looseObject({
  lambda: z.number().optional(),
  df: z.number().optional(),
  sigma_cap_daily: z.number().optional(),
  shrink_high: z.number().optional(),
})
const Line = z.looseObject({
  t0: z.string(),
  request_time: z.string(),
  asset: z.string().min(1),
  time_increment: z.int().positive().optional(),
  time_length: z.int().positive().optional(),
  // As our own export names them.
  increment: z.int().positive().optional(),
  length: z.int().positive().optional(),
  model_version: z.string().default('unknown'),
  config_snapshot: z.unknown().optional(),
  logged_at: z.string().optional(),
  log_reason: z.string().default('interval'),
  volcast: z.looseObject({ event: z.string().min(1).optional() }).optional(),
  price_paths: z.array(z.array(z.number().positive())).optional(),
  paths: z.array(z.array(z.number().positive())).optional(),
})

const reasons: Readonly<Record<string, RecordReason>> = {
  interval: 'interval',
  volatility_spike: 'volatility',
  market_event: 'sessionEdge',
  first: 'first',
  volatility: 'volatility',
  sessionEdge: 'sessionEdge',
  event: 'event',
  all: 'all',
}

export function readSeedPrediction(text: string): SeedLine {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return refused('it is not JSON; a killed miner leaves half a line, and a NaN is not JSON either')
  }
  const parsed = Line.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refused(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'unreadable'}`)
  }
  const line = parsed.data
  const stepSeconds = line.time_increment ?? line.increment
  const lengthSeconds = line.time_length ?? line.length
  if (stepSeconds === undefined || lengthSeconds === undefined) return refused('its increment or length is missing')
  if (lengthSeconds % stepSeconds !== 0) return refused(`${lengthSeconds} s are not a multiple of ${stepSeconds} s`)
  const rows = line.price_paths ?? line.paths
  const pointCount = lengthSeconds / stepSeconds + 1
  if (rows === undefined || rows.length === 0) return refused('it has no paths')
  const odd = rows.find((row) => row.length !== pointCount)
  if (odd !== undefined) return refused(`a path has ${odd.length} prices instead of ${pointCount}`)
  const startAtMs = instantMsOf(line.t0)
  const receivedAtMs = instantMsOf(line.request_time)
  if (startAtMs === undefined || receivedAtMs === undefined) return refused('its times cannot be read')
  if (startAtMs % 1_000 !== 0) return refused('it does not start at a full second')
  const paths = matrixOf(rows, pointCount)
  return {
    ok: true,
    prediction: {
      prompt: {
        asset: line.asset,
        startAtSeconds: startAtMs / 1_000,
        stepSeconds,
        lengthSeconds,
        pathCount: rows.length,
      },
      receivedAtMs,
      madeAtMs: (line.logged_at === undefined ? undefined : instantMsOf(line.logged_at)) ?? receivedAtMs,
      reason: reasons[line.log_reason] ?? 'interval',
      ...(line.volcast?.event === undefined ? {} : { event: line.volcast.event }),
      modelVersion: line.model_version,
      parameters: parametersOf(line.asset, line.config_snapshot),
      paths,
      forecast: forecastOf(paths, stepSeconds),
    },
  }
}

function refused(problem: string): SeedLine {
  return { ok: false, problem }
}

function parametersOf(asset: string, snapshot: unknown): AssetParameters {
  const own = defaultParameters(asset)
  const seed = { ...own, champion: { low: 'seed', high: 'seed' } }
  const parsed = Numbers.safeParse(snapshot)
  if (!parsed.success) return seed
  const { lambda, df, sigma_cap_daily, shrink_high } = parsed.data
  return {
    ...seed,
    lambda: lambda ?? own.lambda,
    df: df ?? own.df,
    sigmaCapDaily: sigma_cap_daily ?? own.sigmaCapDaily,
    shrinkHigh: shrink_high ?? own.shrinkHigh,
  }
}

function matrixOf(rows: readonly (readonly number[])[], pointCount: number): PathMatrix {
  const values = new Float64Array(rows.length * pointCount)
  for (const [path, row] of rows.entries()) values.set(row, path * pointCount)
  return { pathCount: rows.length, pointCount, values }
}

/** The variance of each step over all paths. */
function forecastOf({ pathCount, pointCount, values }: PathMatrix, stepSeconds: number): Forecast {
  const stepVariances = new Float64Array(pointCount - 1)
  for (let step = 0; step < stepVariances.length; step += 1) {
    let sum = 0
    for (let path = 0; path < pathCount; path += 1) {
      const at = path * pointCount + step
      sum += Math.log(values[at + 1]! / values[at]!) ** 2
    }
    stepVariances[step] = sum / pathCount
  }
  return singlePart({ stepSeconds, stepVariances, volatilityFactors: [], tails: { kind: 'normal' } })
}
