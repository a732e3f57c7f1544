/**
 * The models of every release, by the names that parameters, commands and records use. Each list continues the one
 * before it.
 */

/** What a champion names to get the mixture that the asset's parameters describe. */
export const blendName = 'blend'

/** What a champion pointer may name. */
export const championModels = ['calibrated', 'ewma', 'seed', blendName] as const

/** What can forecast again from stored minutes: the example miner too, which is measured and not served. */
export const replayModels = [...championModels, 'reference'] as const

/** `lastSigma` has no numbers to tune and nothing to measure: it only keeps an answer from failing. */
export const builtInModels = [...replayModels, 'lastSigma'] as const

/** A blend is made of the other models. */
export type SingleReplayModel = Exclude<(typeof replayModels)[number], typeof blendName>
export type SingleModel = Exclude<(typeof builtInModels)[number], typeof blendName>

/** What answers, in this order, when the champions do not: each is a rung of the ladder under its own name. */
export const fallbackModels = ['calibrated', 'ewma', 'lastSigma'] as const satisfies readonly SingleModel[]

/** Other miners' models: what ours are measured against. */
export const baselineModels = ['reference', 'seed'] as const satisfies readonly SingleReplayModel[]

/** What may have a share in a blend, of the models that a champion may name. */
export function blendMembers(models: readonly string[]): readonly string[] {
  return models.filter((model) => model !== blendName)
}

/** A model that comes as a file, by the name in its manifest. */
export type OnnxName = `onnx:${string}`

export function isOnnxName(name: string): name is OnnxName {
  return /^onnx:[a-z0-9][a-z0-9-]{0,63}$/.test(name)
}
