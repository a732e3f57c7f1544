import type { EngineName } from '#core/base/engine/job-engine'
import type { RegimeBook } from '#core/synth/regimes/book'
import type { PairedScores } from '#core/tuning/governance/evidence'
import type { BlendScores } from '#core/tuning/governance/fit-blend'
import type { ModelRequest, ModelSources } from '#core/tuning/replay/model-spec'
import type { ReplayRequest } from '#core/tuning/replay/plan-replay'
import type { ReplayProgress, ReplayRun } from '#core/tuning/replay/run-replay'
import type { ScoreReader } from '#core/tuning/replay/score-store'

export interface ReplaySettings {
  /** Where the jobs run; `embedded` by default. */
  readonly engine?: EngineName
  readonly threads?: number
  /** Rules instead of those of the date. */
  readonly regime?: string
}

/** What the replay command works on; made when it runs, because it needs the configuration. */
export interface ReplayContext {
  readonly book: RegimeBook
  readonly database: string
  /** Predictions in the journal, of all times and assets. */
  countKept(): number
  readonly scores: ScoreReader
  /** Names the effective calibrated sets. */
  readonly setsHash: string
  /** What a model needs to be named and made: sets, files, and for the champion the ledger. */
  readonly sourcesOf: (request: ModelRequest) => Promise<ModelSources>
  run(
    request: ReplayRequest,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: ReplayProgress) => void },
  ): Promise<ReplayRun>
  /** The same prompts forecast with several parameter sets. */
  readonly pairs: PairedScores & BlendScores
  close(): Promise<void>
}

/** The same without a journal. */
export interface FieldReplay {
  /** Forecasts the prompts of the public scores that count in the updates of the period. */
  runField(
    period: { readonly fromMs: number; readonly toMs: number },
    request: Omit<ReplayRequest, 'filter'>,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: ReplayProgress) => void },
  ): Promise<ReplayRun>
}
