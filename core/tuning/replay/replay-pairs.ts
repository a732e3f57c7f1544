import type { HashText } from '#core/base/text/hash-text'
import type { PredictionFilter } from '#core/forecast/journal/journal'
import { askedModels } from '#core/forecast/ladder/asked-models'
import { isOnnxName, type OnnxName } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { type Horizon, horizonSeconds } from '#core/synth/prompts/horizon'
import type { PairedScores, PairsQuestion } from '../governance/evidence.ts'
import type { BlendScores, BlendsQuestion, PromptTotal } from '../governance/fit-blend.ts'
import { numberNames, numberParameters, readNumber } from '../governance/number-parameters.ts'
import type { PairedScore } from '../governance/paired-comparison.ts'
import { nameOfScore, pairTotals } from './compare-models.ts'
import { isReplayable, nameOfSpec, type ReplayModel, type ReplayModelSpec, toShares } from './model-spec.ts'
import type { ReplayRequest } from './plan-replay.ts'
import type { ReplayRun } from './run-replay.ts'

export interface ReplayPairsDeps {
  readonly run: (request: ReplayRequest, signal?: AbortSignal) => Promise<ReplayRun>
  /** Names the effective calibrated sets. */
  readonly setsHash: string
  readonly hashText: HashText
  /** Hashes of the manifests of model files; throws a sentence for one that is missing or not valid. */
  readonly hashFiles: (names: readonly OnnxName[]) => Promise<Readonly<Record<string, string>>>
}

/**
 * The evidence for a proposal: the prompts of the journal forecast twice from the same minutes with the same luck, once
 * with the effective numbers and once with the proposed ones. Both are forecast again, even if one of them was served:
 * a served ensemble was drawn with another seed, and that difference is larger than most effects of a parameter.
 */
export class ReplayPairs implements PairedScores, BlendScores {
  readonly #deps: ReplayPairsDeps

  constructor(deps: ReplayPairsDeps) {
    this.#deps = deps
  }

  async readPairs(question: PairsQuestion, signal?: AbortSignal): Promise<readonly PairedScore[]> {
    const pairs: PairedScore[] = []
    for (const horizon of question.horizons) {
      const before = await this.#specOf(question.oldParameters, question, horizon)
      const after = await this.#specOf(question.newParameters, question, horizon)
      if (before === undefined || after === undefined) continue
      const [old, fresh] = [
        await this.#score(before, question, horizon, signal),
        await this.#score(after, question, horizon, signal),
      ]
      pairs.push(...pairTotals(old, fresh))
    }
    return pairs
  }

  /** The blend itself is forecast, as it would be served, also where one model has all of it. */
  async scoreBlends(question: BlendsQuestion, signal?: AbortSignal): Promise<readonly (readonly PromptTotal[])[]> {
    const { horizon, parameters } = question
    const found: PromptTotal[][] = []
    for (const shares of question.blends) {
      const blend = { ...parameters.blend, [horizon]: shares }
      const spec = await this.#specWith('blend', { ...parameters, blend }, horizon)
      const totals = await this.#score(spec, question, horizon, signal)
      found.push(
        totals.flatMap(({ total, startAtMs, ...score }) =>
          total === null ? [] : [{ name: nameOfScore(score), startAtMs, total }],
        ),
      )
    }
    return found
  }

  async #score(
    spec: ReplayModelSpec,
    { asset, fromMs, toMs }: Pick<PairsQuestion, 'asset' | 'fromMs' | 'toMs'>,
    horizon: Horizon,
    signal: AbortSignal | undefined,
  ) {
    const filter: PredictionFilter = { assets: [asset], timeLengthSeconds: horizonSeconds[horizon], fromMs, toMs }
    const model = nameOfSpec(spec, this.#deps.hashText)
    const { scores } = await this.#deps.run({ filter, model, specOf: () => spec, again: false }, signal)
    return scores
  }

  /** Undefined: that model cannot be forecast again from minutes. */
  async #specOf(
    parameters: AssetParameters,
    question: PairsQuestion,
    horizon: Horizon,
  ): Promise<ReplayModelSpec | undefined> {
    const model = modelOfChange(question, horizon, parameters.champion[horizon])
    return model === undefined ? undefined : this.#specWith(model, parameters, horizon)
  }

  async #specWith(model: ReplayModel, parameters: AssetParameters, horizon: Horizon): Promise<ReplayModelSpec> {
    const asked = model === 'blend' ? Object.keys(parameters.blend[horizon]) : [model]
    return {
      model,
      parameters: { ...parameters, champion: { ...parameters.champion }, blend: toShares(parameters.blend) },
      sets: this.#deps.setsHash,
      files: { ...(await this.#deps.hashFiles(asked.filter(isOnnxName))) },
    }
  }
}

/**
 * The champion, if the change is about it. A number that the champion does not read is measured on the model that does:
 * a lower rung, whose answers are served where the champion has none.
 */
function modelOfChange(
  { oldParameters, newParameters }: PairsQuestion,
  horizon: Horizon,
  champion: string,
): ReplayModel | undefined {
  const served = isReplayable(champion) ? champion : undefined
  if (oldParameters.champion[horizon] !== newParameters.champion[horizon]) return served
  const isBlend = JSON.stringify(oldParameters.blend[horizon]) !== JSON.stringify(newParameters.blend[horizon])
  if (isBlend) return 'blend'
  const changed = numberNames.filter((name) => readNumber(oldParameters, name) !== readNumber(newParameters, name))
  const readers = changed.flatMap((name): readonly string[] => numberParameters[name].models)
  return askedModels(champion, oldParameters, horizon).some((name) => readers.includes(name))
    ? served
    : readers.find(isReplayable)
}
