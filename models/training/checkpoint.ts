import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What is recorded at each look at the validation windows. */
export interface TrainingLook {
  readonly step: number
  /** Mean over the steps since the last look. */
  readonly trainingLoss: number
  readonly validationLoss: number | undefined
  readonly learningRate: number
  /** Of the last step, before clipping. */
  readonly gradientLength: number
}

/** Where a training stands after a step: all that the next step depends on, and what it has found. */
export interface TrainingState {
  /** How many steps are done. */
  step: number
  readonly weights: Float32Array
  readonly first: Float64Array
  readonly second: Float64Array
  /** Running mean of the weights. Undefined: none is kept. */
  readonly mean: Float64Array | undefined
  /** The weights with the lowest validation loss. */
  readonly best: Float32Array
  /** Undefined before the first look. */
  bestLoss: number | undefined
  bestStep: number
  /** Of the training losses since the last look. */
  lossSum: number
  lossCount: number
  /** All so far: the process that records them may have ended first. */
  readonly looks: TrainingLook[]
}

/** What a checkpoint belongs to: another recipe, seed, fold or data would continue with something else. */
export interface CheckpointOwner {
  readonly recipeHash: string
  readonly seed: number
  readonly fold: number | undefined
  readonly dataHash: string
}

export type CheckpointReading =
  | { readonly ok: true; readonly state: TrainingState }
  | { readonly ok: false; readonly reason: string }

const magic = 'volcast checkpoint 1\n'
const hashBytes = 32

const headerSchema = z.strictObject({
  recipeHash: z.string(),
  seed: z.int(),
  fold: z.int().optional(),
  dataHash: z.string(),
  weights: z.int().min(0),
  hasMean: z.boolean(),
  step: z.int().min(0),
  bestLoss: z.number().optional(),
  bestStep: z.int(),
  lossSum: z.number(),
  lossCount: z.int(),
  looks: z.array(
    z.strictObject({
      step: z.int(),
      trainingLoss: z.number(),
      validationLoss: z.number().optional(),
      learningRate: z.number(),
      gradientLength: z.number(),
    }),
  ),
})

/** A line of JSON, the vectors as they are in memory (little-endian), and the SHA-256 of it all. */
export function encodeCheckpoint(owner: CheckpointOwner, state: TrainingState): Uint8Array {
  const { weights, first, second, mean, best, ...numbers } = state
  const header = { ...owner, weights: weights.length, hasMean: mean !== undefined, ...numbers }
  const parts = [
    new TextEncoder().encode(`${magic}${JSON.stringify(header)}\n`),
    ...[weights, best, first, second, ...(mean === undefined ? [] : [mean])].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  ]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return Buffer.concat([...parts, hash.digest()])
}

/** Refuses what is damaged or belongs to another training, and says which. */
export function decodeCheckpoint(bytes: Uint8Array, owner: CheckpointOwner): CheckpointReading {
  const content = bytes.subarray(0, -hashBytes)
  const start = new TextDecoder().decode(bytes.subarray(0, magic.length))
  if (start !== magic) return refuse('the file is not a checkpoint of this release')
  if (!createHash('sha256').update(content).digest().equals(bytes.subarray(-hashBytes))) {
    return refuse('the file is damaged: its hash does not fit its content')
  }
  const headerEnd = content.indexOf(10, magic.length)
  const header = headerSchema.parse(JSON.parse(new TextDecoder().decode(content.subarray(magic.length, headerEnd))))
  const { recipeHash, seed, fold, dataHash, weights: count, hasMean, looks: kept, ...numbers } = header
  if (recipeHash !== owner.recipeHash) return refuse(`it is of recipe ${recipeHash}, not of ${owner.recipeHash}`)
  if (seed !== owner.seed) return refuse(`it is of seed ${seed}, not of ${owner.seed}`)
  if (fold !== owner.fold) return refuse(`it is of fold ${fold ?? 'none'}, not of ${owner.fold ?? 'none'}`)
  if (dataHash !== owner.dataHash) return refuse(`it is of other data (${dataHash}, not ${owner.dataHash})`)
  let at = headerEnd + 1
  // Copied, because a view must begin at a multiple of its width.
  const take = (width: number): ArrayBuffer => {
    const part = new Uint8Array(content.subarray(at, at + count * width))
    at += count * width
    return part.buffer
  }
  const weights = new Float32Array(take(4))
  const best = new Float32Array(take(4))
  const first = new Float64Array(take(8))
  const second = new Float64Array(take(8))
  const mean = hasMean ? new Float64Array(take(8)) : undefined
  const looks = kept.map((look): TrainingLook => ({ validationLoss: undefined, ...look }))
  return { ok: true, state: { weights, best, first, second, mean, looks, bestLoss: undefined, ...numbers } }
}

function refuse(reason: string): CheckpointReading {
  return { ok: false, reason }
}
