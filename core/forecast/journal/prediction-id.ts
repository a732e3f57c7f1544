import type { Prompt } from '#core/synth/prompts/prompt'

/**
 * Readable and made from the content of the prediction: `BTC-3600s-20260922T120000Z-1f0c…`. Twelve hex digits of the
 * output's hash tell apart forecasts for the same prompt.
 */
export function predictionId(prompt: Prompt, outputHash: string): string {
  const start = new Date(prompt.startAtSeconds * 1_000).toISOString().slice(0, 19).replace(/[-:]/g, '')
  return `${prompt.asset}-${prompt.lengthSeconds}s-${start}Z-${outputHash.slice(0, 12)}`
}
