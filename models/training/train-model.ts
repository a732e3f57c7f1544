import { SplitMix64 } from '#core/base/random/rng'
import type { GraphRuntime, GraphSession, GraphTensor } from '#core/forecast/models/onnx/graph-runtime'
import { type CompiledModel, evaluationModel, trainingModel } from '#models/compile/compile-model'
import { drawNoise } from '#models/compile/draw-noise'
import type { Recipe } from '#models/compile/recipe'
import { startWeights } from '#models/compile/start-weights'
import type { TrainingConfig } from '#models/compile/training-config'
import type { NoiseFact } from '#models/graph/scope'
import { AdamW, clipScale, freshMoments, lengthOf } from './adam-w.ts'
import { BatchOrder } from './batch-order.ts'
import {
  type CheckpointOwner,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingLook,
  type TrainingState,
} from './checkpoint.ts'
import { learningRateAt } from './learning-rate.ts'

/** The windows of one part of the data, as inputs of a graph: `past`, `ahead`, `baseline`, `log_returns`, `known`. */
export interface WindowSet {
  readonly count: number
  read(windows: readonly number[]): Readonly<Record<string, GraphTensor>>
}

/** A file that is replaced as a whole: after a failed write the previous content is there. */
export interface CheckpointFile {
  /** Undefined: there is none. */
  read(): Uint8Array | undefined
  /** Throws if it cannot be written. */
  write(bytes: Uint8Array): void
}

export interface TrainingJob {
  readonly recipe: Recipe
  readonly config: TrainingConfig
  /** Whose checkpoints it takes; the seed draws weights, order and noise. */
  readonly owner: CheckpointOwner
  readonly train: WindowSet
  /** None: nothing stops early, and the last weights are kept. */
  readonly validation: WindowSet
}

export interface TrainingOptions {
  readonly checkpoints?: CheckpointFile
  /** Continues from the checkpoint, if there is one. */
  readonly resume?: boolean
  /** Asked before each step: why it should stop here. */
  readonly stop?: () => string | undefined
  /** After each step. */
  readonly onStep?: (progress: { readonly step: number; readonly steps: number; readonly loss: number }) => void
  /** Also for those that a checkpoint holds, before it goes on. */
  readonly onLook?: (look: TrainingLook) => void
}

export type TrainingEnd =
  | {
      readonly kind: 'done'
      /** The best ones by the validation loss. */
      readonly weights: Float32Array
      readonly step: number
      readonly bestStep: number
      readonly bestLoss: number | undefined
      readonly isEarly: boolean
    }
  /** A checkpoint of this step is kept. */
  | { readonly kind: 'stopped'; readonly step: number; readonly reason: string }
  /** The last good checkpoint is kept. */
  | { readonly kind: 'diverged'; readonly step: number; readonly reason: string }
  /** The checkpoint cannot be continued; nothing was done. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The checkpoint of this step cannot be written; the one before is kept. */
  | { readonly kind: 'unsaved'; readonly step: number; readonly cause: unknown }

/** Trains one model. The same job gives the same weights to the last bit, however often it was ended and resumed. */
export async function trainModel(
  runtime: GraphRuntime,
  job: TrainingJob,
  options: TrainingOptions = {},
): Promise<TrainingEnd> {
  const { recipe, config, owner, train, validation } = job
  const model = trainingModel(recipe, config.batch)
  const kept = options.resume === true ? options.checkpoints?.read() : undefined
  const read = kept === undefined ? undefined : decodeCheckpoint(kept, owner)
  if (read?.ok === false) return { kind: 'refused', reason: read.reason }
  const state = read?.state ?? freshState(startWeights(model.parameters, owner.seed), config)
  for (const look of state.looks) options.onLook?.(look)
  const session = await runtime.load(model.bytes)
  const evaluator = await Evaluator.open(runtime, recipe, config.batch, validation)
  try {
    return await new Training(job, model, session, evaluator, state, options).run()
  } finally {
    await session.release()
    await evaluator.close()
  }

  function freshState(weights: Float32Array, { ema }: TrainingConfig): TrainingState {
    if (train.count === 0) throw new RangeError('there is nothing to train on')
    return {
      ...{ step: 0, weights, best: weights.slice(), ...freshMoments(weights.length) },
      mean: ema === 0 ? undefined : Float64Array.from(weights),
      ...{ bestLoss: undefined, bestStep: 0, lossSum: 0, lossCount: 0, looks: [] },
    }
  }
}

class Training {
  readonly #job: TrainingJob
  readonly #options: TrainingOptions
  readonly #session: GraphSession
  readonly #evaluator: Evaluator
  readonly #noise: readonly NoiseFact[]
  readonly #optimiser: AdamW
  readonly #order: BatchOrder
  readonly #seed: SplitMix64
  readonly #gradient: Float32Array
  readonly #state: TrainingState

  constructor(
    job: TrainingJob,
    model: CompiledModel,
    session: GraphSession,
    evaluator: Evaluator,
    state: TrainingState,
    options: TrainingOptions,
  ) {
    this.#job = job
    this.#options = options
    this.#session = session
    this.#evaluator = evaluator
    this.#noise = model.noise
    this.#optimiser = new AdamW(model.parameters, job.config)
    this.#seed = new SplitMix64(BigInt(job.owner.seed))
    this.#order = new BatchOrder(this.#seed.fork('order'), job.train.count)
    this.#gradient = new Float32Array(model.parameterCount)
    this.#state = state
  }

  async run(): Promise<TrainingEnd> {
    const { config } = this.#job
    const state = this.#state
    while (state.step < config.steps && !this.#isPatienceOver()) {
      const reason = this.#options.stop?.()
      if (reason !== undefined) return this.#save() ?? { kind: 'stopped', step: state.step, reason }
      const fault = await this.#step()
      if (fault !== undefined) return { kind: 'diverged', step: state.step, reason: fault }
      // The last one is not needed to go on, but it shows that the training is over.
      if (state.step % config.checkpointEvery === 0 || state.step === config.steps || this.#isPatienceOver()) {
        const unsaved = this.#save()
        if (unsaved !== undefined) return unsaved
      }
    }
    const { best: weights, step, bestStep, bestLoss } = state
    return { kind: 'done', weights, step, bestStep, bestLoss, isEarly: step < config.steps }
  }

  /** Why the numbers can no longer be used, or undefined. */
  async #step(): Promise<string | undefined> {
    const { config, train } = this.#job
    const state = this.#state
    const { step, weights } = state
    const windows = train.read(this.#order.windowsOf(step, config.batch))
    const gradient = { dims: [this.#gradient.length], values: this.#gradient }
    const results = await this.#session.run(
      {
        ...windows,
        ...drawNoise(this.#noise, this.#seed.fork(`step ${step}`)),
        parameters: { dims: [weights.length], values: weights },
      },
      ['loss', 'gradient'],
      { gradient },
    )
    const loss = Number(results['loss']!.values[0])
    if (!Number.isFinite(loss)) return `the loss is ${loss} at step ${step + 1}`
    const gradientLength = lengthOf(this.#gradient)
    if (!Number.isFinite(gradientLength)) return `the gradient is ${gradientLength} at step ${step + 1}`
    const learningRate = learningRateAt(step, config)
    this.#optimiser.step(weights, this.#gradient, state, {
      ...{ step, learningRate, scale: clipScale(gradientLength, config.clip) },
    })
    state.step += 1
    state.lossSum += loss
    state.lossCount += 1
    this.#average()
    this.#options.onStep?.({ step: state.step, steps: config.steps, loss })
    if (state.step % config.evaluateEvery !== 0 && state.step !== config.steps) return undefined
    return this.#look(learningRate, gradientLength)
  }

  async #look(learningRate: number, gradientLength: number): Promise<string | undefined> {
    const state = this.#state
    const { step } = state
    const candidate = state.mean === undefined ? state.weights : Float32Array.from(state.mean)
    const validationLoss = await this.#evaluator.lossOf(candidate)
    if (validationLoss !== undefined && !Number.isFinite(validationLoss)) {
      return `the validation loss is ${validationLoss} at step ${step}`
    }
    const trainingLoss = state.lossSum / state.lossCount
    state.lossSum = 0
    state.lossCount = 0
    if (validationLoss === undefined || state.bestLoss === undefined || validationLoss < state.bestLoss) {
      state.best.set(candidate)
      state.bestLoss = validationLoss
      state.bestStep = step
    }
    const look = { step, trainingLoss, validationLoss, learningRate, gradientLength }
    state.looks.push(look)
    this.#options.onLook?.(look)
    return undefined
  }

  #isPatienceOver(): boolean {
    const { patience, evaluateEvery } = this.#job.config
    const { step, bestStep, bestLoss } = this.#state
    return patience > 0 && bestLoss !== undefined && step - bestStep >= patience * evaluateEvery
  }

  /** Faster at first, so that the start does not stay in the mean. */
  #average(): void {
    const { mean, weights, step } = this.#state
    if (mean === undefined) return
    const keep = Math.min(this.#job.config.ema, (1 + step) / (10 + step))
    for (let i = 0; i < weights.length; i += 1) mean[i] = keep * mean[i]! + (1 - keep) * weights[i]!
  }

  #save(): TrainingEnd | undefined {
    try {
      this.#options.checkpoints?.write(encodeCheckpoint(this.#job.owner, this.#state))
      return undefined
    } catch (cause) {
      return { kind: 'unsaved', step: this.#state.step, cause }
    }
  }
}

interface EvaluatorPart {
  readonly session: GraphSession
  readonly noise: readonly NoiseFact[]
  readonly batch: number
}

/** The mean loss over all validation windows. A graph has a fixed batch, so the rest gets one of its own. */
class Evaluator {
  readonly #windows: WindowSet
  readonly #parts: readonly EvaluatorPart[]

  constructor(windows: WindowSet, parts: readonly EvaluatorPart[]) {
    this.#windows = windows
    this.#parts = parts
  }

  static async open(runtime: GraphRuntime, recipe: Recipe, batch: number, windows: WindowSet): Promise<Evaluator> {
    const rest = windows.count % batch
    const sizes = [...(windows.count >= batch ? [batch] : []), ...(rest > 0 ? [rest] : [])]
    const parts: EvaluatorPart[] = []
    for (const size of sizes) {
      const { bytes, noise } = evaluationModel(recipe, size)
      parts.push({ session: await runtime.load(bytes), noise, batch: size })
    }
    return new Evaluator(windows, parts)
  }

  /** Undefined without windows. Losses that draw paths draw the same ones each time. */
  async lossOf(weights: Float32Array): Promise<number | undefined> {
    const { count } = this.#windows
    if (count === 0) return undefined
    const parameters = { dims: [weights.length], values: weights }
    let sum = 0
    for (let from = 0; from < count; ) {
      const part = this.#parts.find(({ batch }) => from + batch <= count)!
      const windows = Array.from({ length: part.batch }, (_, i) => from + i)
      const noise = drawNoise(part.noise, new SplitMix64(BigInt(from)))
      const results = await part.session.run({ ...this.#windows.read(windows), ...noise, parameters }, ['loss'])
      sum += Number(results['loss']!.values[0]) * part.batch
      from += part.batch
    }
    return sum / count
  }

  async close(): Promise<void> {
    for (const { session } of this.#parts) await session.release()
  }
}
