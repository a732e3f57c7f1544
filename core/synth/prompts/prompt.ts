import type { JsonObject, JsonValue } from '#core/base/json/strict-json'
import { accept, type Checked } from '#core/bittensor/admission/refusals'
import { parseStartTime } from './start-time.ts'
import { refusePrompt } from './synth-refusals.ts'

/** What a validator asks for, as a value: two equal prompts get the same answer. */
export interface Prompt {
  readonly asset: string
  readonly startAtSeconds: number
  readonly lengthSeconds: number
  readonly stepSeconds: number
  readonly pathCount: number
}

export interface PromptLimits {
  readonly assets: ReadonlySet<string>
  readonly maxPaths: number
  readonly maxLengthSeconds: number
  /** Paths times points in total. */
  readonly maxPoints: number
  readonly maxStartAheadMs: number
  readonly maxStartBehindMs: number
}

export function pointCount(prompt: Prompt): number {
  return prompt.lengthSeconds / prompt.stepSeconds + 1
}

export function promptKey(prompt: Prompt): string {
  return [prompt.asset, prompt.startAtSeconds, prompt.lengthSeconds, prompt.stepSeconds, prompt.pathCount].join('/')
}

/**
 * The caller's signature does not cover the prompt, so nothing in it is trusted: every limit is checked on the numbers
 * alone, before memory of that size is allocated.
 */
export function readPrompt(body: JsonValue, limits: PromptLimits, nowMs: number): Checked<Prompt> {
  const input = findInput(body)
  if (input === undefined) return refusePrompt('prompt_missing')

  const asset = input['asset']
  if (typeof asset !== 'string' || !limits.assets.has(asset)) return refusePrompt('unknown_asset')

  const startText = input['start_time']
  const startAtSeconds = typeof startText === 'string' ? parseStartTime(startText) : undefined
  if (startAtSeconds === undefined) return refusePrompt('bad_start_time')
  const aheadMs = startAtSeconds * 1_000 - nowMs
  if (aheadMs > limits.maxStartAheadMs || aheadMs < -limits.maxStartBehindMs) return refusePrompt('bad_start_time')

  const stepSeconds = input['time_increment']
  if (!isCount(stepSeconds)) return refusePrompt('bad_param', 'time_increment')
  const lengthSeconds = input['time_length']
  if (!isCount(lengthSeconds) || lengthSeconds > limits.maxLengthSeconds)
    return refusePrompt('bad_param', 'time_length')
  if (lengthSeconds < stepSeconds || lengthSeconds % stepSeconds !== 0) return refusePrompt('bad_param', 'time_length')
  const pathCount = input['num_simulations']
  if (!isCount(pathCount) || pathCount > limits.maxPaths) return refusePrompt('bad_param', 'num_simulations')

  const prompt: Prompt = { asset, startAtSeconds, lengthSeconds, stepSeconds, pathCount }
  if (pointCount(prompt) * pathCount > limits.maxPoints) return refusePrompt('bad_param', 'time_length')
  return accept(prompt)
}

/** Under `simulation_input`; from clients that send plain JSON, the object itself. */
function findInput(body: JsonValue): JsonObject | undefined {
  if (!isObject(body)) return undefined
  const input = Object.hasOwn(body, 'simulation_input') ? body['simulation_input'] : body
  return isObject(input) && Object.keys(input).length > 0 ? input : undefined
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
