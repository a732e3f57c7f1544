import { pointCount } from '#core/synth/prompts/prompt'
import { PathKernel } from '../paths/kernel/path-kernel.ts'
import { PathSampler, startFrom } from '../paths/path-sampler.ts'
import { priceTextCapacity, roundToWritten } from '../paths/write-prices.ts'
import { findAnswerProblemFast } from './check-answer-text.ts'
import { deflatedRoom, type EnsembleAnswer, type EnsembleJob } from './ensemble-maker.ts'

export interface WorkshopDeps {
  /** SHA-256 in hex. */
  readonly hashBytes: (bytes: Uint8Array) => string
  readonly monotonicMs: () => number
}

/** From a recipe to the checked text of an answer. Each thread has its own instance. */
export class EnsembleWorkshop {
  readonly #deps: WorkshopDeps
  readonly #kernel = new PathKernel()
  readonly #sampler = new PathSampler(this.#kernel)

  constructor(deps: WorkshopDeps) {
    this.#deps = deps
  }

  /** The paths before their price is known; the caller may keep them. */
  drawGrowth({ prompt, recipe }: EnsembleJob): Float64Array<ArrayBuffer> {
    return this.#sampler.sampleGrowth({ ...recipe, pathCount: prompt.pathCount }).values.slice()
  }

  /**
   * `growth`: the result of `drawGrowth` for this recipe; it is overwritten. `space`: memory for the text, if large
   * enough.
   */
  make(job: EnsembleJob, growth?: Float64Array, space?: ArrayBuffer): EnsembleAnswer {
    const { recipe } = job
    const { hashBytes, monotonicMs } = this.#deps
    const beganAtMs = monotonicMs()
    const values = growth ?? this.#sample(job)
    if (growth !== undefined) startFrom(growth, recipe.startPriceUsd)
    const sampledAtMs = monotonicMs()
    const text = { ...textShape(job), values }
    const capacity = priceTextCapacity(text)
    const target = new Uint8Array(
      space !== undefined && space.byteLength >= capacity ? space : new ArrayBuffer(capacity),
    )
    const written = this.#kernel.writePrices(target, 0, text)
    if (!written.ok) return badOutput(`path ${written.path} reaches ${written.price} at point ${written.point}`)
    const outputJson = target.subarray(0, written.end)
    const deflated = this.#kernel.deflateText(outputJson, deflatedRoom)
    const writtenAtMs = monotonicMs()
    const problem = this.#findProblem(job, outputJson)
    if (problem !== undefined) return badOutput(problem)
    const outputHash = hashBytes(outputJson)
    const tookMs = {
      sample: sampledAtMs - beganAtMs,
      write: writtenAtMs - sampledAtMs,
      check: monotonicMs() - writtenAtMs,
    }
    return { ok: true, outputJson, deflated, outputHash, tookMs, isPrepared: growth !== undefined }
  }

  #sample({ prompt, recipe }: EnsembleJob): Float64Array {
    return this.#sampler.sample({ ...recipe, startPrice: recipe.startPriceUsd, pathCount: prompt.pathCount }).values
  }

  #findProblem(job: EnsembleJob, outputJson: Uint8Array): string | undefined {
    const { startAtSeconds, stepSeconds, ...shape } = textShape(job)
    // The price that the spot is read as, found without the writer.
    const startPrice = roundToWritten(job.recipe.startPriceUsd) ?? Number.NaN
    return findAnswerProblemFast(this.#kernel, outputJson, {
      ...shape,
      startAtSeconds,
      stepSeconds,
      startPrice,
    })
  }
}

function textShape({ prompt }: EnsembleJob) {
  return {
    startAtSeconds: prompt.startAtSeconds,
    stepSeconds: prompt.stepSeconds,
    pathCount: prompt.pathCount,
    pointCount: pointCount(prompt),
  }
}

function badOutput(detail: string): EnsembleAnswer {
  return { ok: false, kind: 'badOutput', detail }
}
