import { z } from 'zod'
import { type CalibratedState, calibratedStateVersion } from './calibrated-memory.ts'
import { type EwmaState, ewmaStateVersion } from './ewma-state.ts'

/** Reading what was stored. A state that cannot be trusted is rebuilt from minutes; the reason is logged. */
export type StateReading<State> =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly reason: StateProblem }

export type StateProblem = 'unreadable' | 'otherVersion' | 'notFinite' | 'fromFuture' | 'tooOld' | 'otherParameters'

export interface StateLimits {
  readonly nowMs: number
  /** How far ahead of now the last price may be. */
  readonly maxFutureMs: number
  /** An older memory says nothing about today. */
  readonly maxAgeMs: number
}

const positive = z.number().positive()
const ewmaSchema = z.strictObject({
  version: z.literal(ewmaStateVersion),
  asset: z.string().min(1),
  variance: positive,
  lastClose: positive,
  lastCloseAtMs: z.int(),
  lambda: z.number().gt(0).lt(1),
  isDegraded: z.boolean(),
})
const calibratedSchema = z.strictObject({
  version: z.literal(calibratedStateVersion),
  asset: z.string().min(1),
  stepSeconds: z.int().positive(),
  parametersHash: z.string(),
  sums: z.array(z.number().min(0)),
  signedSums: z.array(z.number()),
  weights: z.array(z.number().min(0)),
  lastPrice: positive,
  lastPriceAtMs: z.int(),
})

export function encodeState(state: EwmaState | CalibratedState): string {
  return JSON.stringify(state)
}

export function readEwmaState(text: string, limits: StateLimits): StateReading<EwmaState> {
  const reading = read(text, ewmaStateVersion, ewmaSchema)
  return reading.ok ? checkAge(reading.state, reading.state.lastCloseAtMs, limits) : reading
}

export function readCalibratedState(
  text: string,
  expected: { readonly parametersHash: string; readonly scaleCount: number },
  limits: StateLimits,
): StateReading<CalibratedState> {
  const reading = read(text, calibratedStateVersion, calibratedSchema)
  if (!reading.ok) return reading
  const { state } = reading
  const fits = [state.sums, state.signedSums, state.weights].every(({ length }) => length === expected.scaleCount)
  if (!fits || state.parametersHash !== expected.parametersHash) return { ok: false, reason: 'otherParameters' }
  return checkAge(state, state.lastPriceAtMs, limits)
}

function read<State>(text: string, version: number, schema: z.ZodType<State>): StateReading<State> {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'unreadable' }
  }
  if (typeof content !== 'object' || content === null) return { ok: false, reason: 'unreadable' }
  if ('version' in content && content.version !== version) return { ok: false, reason: 'otherVersion' }
  // JSON writes NaN and infinity as null.
  if (Object.values(content).flat().includes(null)) return { ok: false, reason: 'notFinite' }
  const parsed = schema.safeParse(content)
  return parsed.success ? { ok: true, state: parsed.data } : { ok: false, reason: 'unreadable' }
}

function checkAge<State>(state: State, lastAtMs: number, limits: StateLimits): StateReading<State> {
  if (lastAtMs > limits.nowMs + limits.maxFutureMs) return { ok: false, reason: 'fromFuture' }
  if (lastAtMs < limits.nowMs - limits.maxAgeMs) return { ok: false, reason: 'tooOld' }
  return { ok: true, state }
}
