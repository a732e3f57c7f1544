import type { Progress } from '#core/base/cli/progress'
import type { Terminal } from '#core/base/cli/terminal'
import type { Clock } from '#core/base/time/clock'
import type { MinuteHistory } from '#core/market/venues/minute-history'
import type { SynthApi } from '#core/market/venues/synth-api'
import type { FileScore } from '#core/tuning/prediction-files/prediction-file'
import type { ReplayReport } from '#core/tuning/replay/run-replay'
import type { RealisedShare } from '#core/tuning/shadow/earnings'
import type { FieldWindow } from '#core/tuning/shadow/field'
import type { RegistrationStore } from '#core/tuning/shadow/hands'
import type { ReadOwnScores } from '#core/tuning/shadow/own-scores'
import type { ShadowSources } from '#core/tuning/shadow/read-report'
import type { ServedPrompt } from '#core/tuning/shadow/served-prompts'

export interface ShadowContext extends ShadowSources {
  readonly realised: RealisedShare
  /** What `tuner score` stored of this folder. */
  readonly fileScores: (folder: string) => readonly FileScore[]
  /** Of models that were asked for the prompts of the public scores. */
  readonly readForecasts: ReadOwnScores
  /** By the start of the prompt. */
  readonly listServed: (starts: FieldWindow, assets: readonly string[] | undefined) => readonly ServedPrompt[]
  readonly listAssets: () => readonly string[]
  readonly api: Pick<SynthApi, 'fetchScores' | 'fetchDailyPools' | 'fetchRewards' | 'fetchRegistrations'>
  /** The venue that has the price of TAO. */
  readonly taoHistory: Pick<MinuteHistory, 'fetchMinutes'>
  readonly saveRegistrations: RegistrationStore['savePublic']
  close(): void
}

export interface ShadowCommandDeps {
  /** `mayCreate`: the command brings scores, so there need not be a database yet. */
  readonly open: (mayCreate: boolean) => ShadowContext
  /** Scores what has no score yet. */
  readonly scoreFolder: (folder: string) => Promise<void>
  /** Forecasts the prompts of the public scores and scores what has no score yet. */
  readonly forecastField: (model: string, period: FieldWindow) => Promise<ReplayReport>
  readonly terminal: Terminal
  readonly progress: Progress
  readonly clock: Clock
}

export interface DaysOptions {
  readonly days: number
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}
