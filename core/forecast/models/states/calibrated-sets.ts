import type { HashText } from '#core/base/text/hash-text'
import { type Horizon, horizons } from '#core/synth/prompts/horizon'
import { forecastMoves } from '../../volatility/horizon-model.ts'
import { createScaleBank } from '../../volatility/scale-bank.ts'
import { type CalibratedParameters, calibratedGrids } from '../calibrated-parameters.ts'
import { readParameterFile } from '../parameter-file.ts'
import { pooledAsset } from '../pool-parameters.ts'

/** One asset at one horizon: the effective numbers and the hash that names them wherever a forecast is recorded. */
export interface CalibratedSet {
  readonly asset: string
  readonly horizon: Horizon
  readonly hash: string
  readonly origin: SetOrigin
  readonly parameters: CalibratedParameters
}

/** `operator`: written by `tuner calibrate` into the operator's folder; used before the published set. */
export type SetOrigin = 'published' | 'operator'

/** The content of a folder. */
export interface ParameterFolder {
  readonly origin: SetOrigin
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly problems: readonly SetProblem[]
}

export interface SetProblem {
  readonly path: string
  readonly reason: string
}

/** Which parameter set is effective for each asset and horizon. */
export class CalibratedSets {
  readonly problems: readonly SetProblem[]
  readonly #sets: ReadonlyMap<string, CalibratedSet>

  constructor(folders: readonly ParameterFolder[], hashText: HashText) {
    const sets = new Map<string, CalibratedSet>()
    const problems: SetProblem[] = []
    // The operator's folder is read last and replaces entries of the other.
    const inOrder = [...folders].sort((a, b) => rank[a.origin] - rank[b.origin])
    for (const folder of inOrder) {
      problems.push(...folder.problems)
      for (const { path, text } of folder.files) {
        const read = readSet(path, text, folder.origin, hashText)
        if (read.ok) sets.set(`${read.set.asset} ${read.set.horizon}`, read.set)
        else problems.push({ path, reason: read.reason })
      }
    }
    this.#sets = sets
    this.problems = problems
  }

  /**
   * An asset's own set. One that has no set at all is new: it gets what all assets have in common, the pooled set. One
   * that has a set for the other horizon only gets none, since nobody asks for it here: the calibrated model then says
   * that it has no parameters, and the next rung answers.
   */
  find(asset: string, horizon: Horizon): CalibratedSet | undefined {
    const isKnown = horizons.some((known) => this.#sets.has(`${asset} ${known}`))
    const set = this.#sets.get(`${isKnown ? asset : pooledAsset} ${horizon}`)
    return set === undefined || isKnown ? set : { ...set, asset, parameters: { ...set.parameters, asset } }
  }

  list(): readonly CalibratedSet[] {
    return [...this.#sets.values()]
  }
}

const rank: Readonly<Record<SetOrigin, number>> = { published: 0, operator: 1 }

type SetReading = { readonly ok: true; readonly set: CalibratedSet } | { readonly ok: false; readonly reason: string }

function readSet(path: string, text: string, origin: SetOrigin, hashText: HashText): SetReading {
  const reading = readParameterFile(text, hashText)
  if (!reading.ok) return reading
  const { hash, parameters } = reading.file
  const { asset, model } = parameters
  const grid = Object.values(calibratedGrids).find(({ stepSeconds }) => stepSeconds === model.stepSeconds)
  if (grid === undefined) return { ok: false, reason: `no horizon has steps of ${model.stepSeconds} s` }
  // With two files for the same asset and horizon, the order of the folder would decide.
  const name = `${asset}.${grid.horizon}.json`
  if (!path.endsWith(`/${name}`) && path !== name) return { ok: false, reason: `it holds ${name}` }
  if (!canForecast(parameters)) return { ok: false, reason: 'its numbers give no finite forecast' }
  return { ok: true, set: { asset, horizon: grid.horizon, hash, origin, parameters } }
}

/**
 * A trial with an ordinary market: a wrong number of coefficients, or far too large ones, show here and not in an
 * answer.
 */
function canForecast({ model }: CalibratedParameters): boolean {
  const bank = createScaleBank(model.halfLivesSteps)
  bank.sums.fill(1)
  bank.weights.fill(1)
  const moves = forecastMoves(model, bank, 0, Math.max(...model.stretches.map(({ toStep }) => toStep)))
  return moves?.every((move) => move > 0 && Number.isFinite(move)) === true
}
