/** What a fit may begin with: nothing that was learned from prices after its own. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256Hex } from '#adapters/files/output-file'
import type { CalibratedParameters } from '#core/forecast/models/calibrated-parameters'
import { readParameterFile } from '#core/forecast/models/parameter-file'
import { pooledAsset, poolParameters } from '#core/forecast/models/pool-parameters'
import type { Horizon } from '#core/synth/prompts/horizon'

const publishedFolder = join(import.meta.dirname, '..', '..', '..', 'models', 'published', 'calibrated')

export type PriorKind = 'published' | 'pooled' | 'none'
export interface Prior {
  readonly kind: PriorKind
  readonly parameters: CalibratedParameters | undefined
}

export interface SeriesSets {
  readonly name: string
  readonly isOpenAtWeekends: boolean
  readonly sets: readonly CalibratedParameters[]
}

export class Priors {
  readonly #published: readonly CalibratedParameters[]
  readonly #series: readonly SeriesSets[]

  constructor(horizon: Horizon, series: readonly SeriesSets[]) {
    this.#published = readPublished(horizon)
    this.#series = series
  }

  /** The published set, the asset's own or the one for all, if it ends before `knownToMs`, else what the folder's other series say until then. */
  find(name: string, asset: string, isOpenAtWeekends: boolean, knownToMs: number): Prior {
    const known = this.#published.filter((set) => set.window.toMs <= knownToMs)
    const published = known.find((set) => set.asset === asset) ?? known.find((set) => set.asset === pooledAsset)
    if (published !== undefined) return { kind: 'published', parameters: published }
    const others = this.#series
      .filter((one) => one.name !== name && one.isOpenAtWeekends === isOpenAtWeekends)
      .flatMap(({ sets }) => sets.filter(({ window }) => window.toMs <= knownToMs).slice(-1))
    const pooled = poolParameters(pooledAsset, others)
    return { kind: pooled === undefined ? 'none' : 'pooled', parameters: pooled }
  }
}

function readPublished(horizon: Horizon): CalibratedParameters[] {
  return readdirSync(publishedFolder)
    .filter((file) => file.endsWith(`.${horizon}.json`))
    .flatMap((file) => {
      const reading = readParameterFile(readFileSync(join(publishedFolder, file), 'utf8'), sha256Hex)
      if (!reading.ok) throw new Error(`models/published/calibrated/${file}: ${reading.reason}`)
      return [reading.file.parameters]
    })
}
