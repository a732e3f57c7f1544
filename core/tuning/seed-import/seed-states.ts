import { z } from 'zod'
import { minuteMs } from '#core/base/time/units'
import { type EwmaState, ewmaStateVersion } from '#core/forecast/models/ewma-state'
import { varianceFloor } from '#core/forecast/parameters/variance-floor'
import { instantMsOf } from './seed-instant.ts'

interface SeedStates {
  readonly states: readonly EwmaState[]
  readonly problems: readonly string[]
}

const State = z.looseObject({
  sigma2_1m: z.number().positive(),
  last_close_1m: z.number().positive(),
  last_update_ts: z.string(),
  lambda_val: z.number().gt(0).lt(1),
  state_version: z.literal(1).default(1),
})

/** The content of volatility_state.json, one state of each asset. */
export function readSeedStates(content: unknown, nowMs: number): SeedStates {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { states: [], problems: ['it is not an object'] }
  }
  const problems: string[] = []
  const states = Object.entries(content).flatMap(([asset, value]): EwmaState[] => {
    const parsed = State.safeParse(value)
    const atMs = parsed.success ? instantMsOf(parsed.data.last_update_ts) : undefined
    if (!parsed.success || atMs === undefined || atMs > nowMs) {
      const what = parsed.success ? 'last_update_ts' : parsed.error.issues[0]?.path.join('.')
      problems.push(`${asset}: ${what || 'it'} cannot be used`)
      return []
    }
    const { sigma2_1m, last_close_1m, lambda_val } = parsed.data
    const variance = Math.max(sigma2_1m, varianceFloor(asset))
    // It was updated by requests, at any second; ours stand at full minutes.
    const lastCloseAtMs = Math.floor(atMs / minuteMs) * minuteMs
    const base = { version: ewmaStateVersion, asset, variance, lastClose: last_close_1m, lastCloseAtMs } as const
    return [{ ...base, lambda: lambda_val, isDegraded: false }]
  })
  return { states, problems }
}
