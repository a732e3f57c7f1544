import { messageOf } from '#core/base/errors/message-of'
import { type Prompt, pointCount } from '#core/synth/prompts/prompt'
import type { PathSampler } from '../paths/path-sampler.ts'
import { samplerVersion } from '../paths/path-sampler.ts'
import { type PriceText, priceTextCapacity, type WriteResult } from '../paths/write-prices.ts'
import type { PathsReading } from './journal.ts'
import type { PredictionRecord } from './prediction-record.ts'
import { readOutput, toMatrix } from './read-output.ts'

export interface PathTools {
  readonly sampler: Pick<PathSampler, 'sample'>
  readonly writePrices: (target: Uint8Array, offset: number, text: PriceText) => WriteResult
  /** SHA-256, hex. */
  readonly hash: (bytes: Uint8Array) => string
}

/** Makes the prices of a record again, and verifies by the hash of their text that they are the served ones. */
export function regeneratePaths(
  { prompt, recipe, outputHash }: Pick<PredictionRecord, 'prompt' | 'recipe' | 'outputHash'>,
  tools: PathTools,
): PathsReading {
  if (recipe.samplerVersion !== samplerVersion) {
    const detail = `made by sampler ${recipe.samplerVersion}, this release has ${samplerVersion}`
    return { ok: false, reason: 'otherSampler', detail }
  }
  const problem = findMismatch(prompt, recipe)
  if (problem !== undefined) return { ok: false, reason: 'unreadable', detail: problem }
  let json: Uint8Array
  try {
    json = writeRecipe(prompt, recipe, tools)
  } catch (error) {
    const detail = messageOf(error)
    return { ok: false, reason: 'unreadable', detail: `the recipe makes no paths: ${detail}` }
  }
  if (tools.hash(json) !== outputHash) {
    return {
      ok: false,
      reason: 'hashDiffers',
      detail: 'the recipe makes prices that differ from those that were served',
    }
  }
  const reading = readOutput(json)
  return reading.ok
    ? { ok: true, origin: 'recipe', paths: toMatrix(reading.prices) }
    : { ok: false, reason: 'unreadable', detail: reading.detail }
}

function findMismatch(prompt: Prompt, { forecast }: PredictionRecord['recipe']): string | undefined {
  const { stepSeconds, stepVariances } = forecast[0].process
  const isFit = stepSeconds === prompt.stepSeconds && stepVariances.length + 1 === pointCount(prompt)
  return isFit ? undefined : `a forecast of ${stepVariances.length} steps of ${stepSeconds} s for another prompt`
}

/** The text of `simulation_output` that the recipe makes. */
function writeRecipe(prompt: Prompt, recipe: PredictionRecord['recipe'], tools: PathTools): Uint8Array {
  const { forecast, startPriceUsd, seed, arrangement, flatFirstPath } = recipe
  const { pathCount } = prompt
  const request = { forecast, startPrice: startPriceUsd, pathCount, seed, arrangement, flatFirstPath }
  const paths = tools.sampler.sample(request)
  const text = { ...paths, startAtSeconds: prompt.startAtSeconds, stepSeconds: prompt.stepSeconds }
  const bytes = new Uint8Array(priceTextCapacity(text))
  const written = tools.writePrices(bytes, 0, text)
  if (!written.ok) throw new RangeError(`price ${written.price} cannot be written`)
  return bytes.subarray(0, written.end)
}
