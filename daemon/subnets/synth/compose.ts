import { createHash } from 'node:crypto'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { Journal } from '#core/forecast/journal/journal'
import type { AnswerTextMaker } from '#core/forecast/ladder/answer-text-maker'
import { createBuiltInModels } from '#core/forecast/ladder/built-in-models'
import type { ShelvedModel } from '#core/forecast/ladder/forecast-model'
import { ForecastLadder } from '#core/forecast/ladder/ladder'
import { ModelShelf } from '#core/forecast/ladder/model-shelf'
import { scoredIntervals } from '#core/forecast/ladder/scored-intervals'
import { ServedRungs } from '#core/forecast/ladder/served-rungs'
import type { CalibratedMemory } from '#core/forecast/models/calibrated-memory'
import type { EwmaState } from '#core/forecast/models/ewma-state'
import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import type { SpotPrice } from '#core/forecast/paths/spot-price'
import { type Horizon, horizonOf } from '#core/synth/prompts/horizon'
import { NextPrompts } from '#core/synth/prompts/next-prompts'
import { assetTable } from '#core/synth/regimes/asset-table'
import type { RegimeBook } from '#core/synth/regimes/book'
import { InlineEnsembles } from '../../forecasting/inline-ensembles.ts'
import { type ChampionOf, LadderTextMaker } from '../../forecasting/ladder-text-maker.ts'
import { PrepareAhead } from '../../forecasting/prepare-ahead.ts'
import { PromptSeeds } from '../../forecasting/prompt-seeds.ts'
import { WorkerEnsembles } from '../../forecasting/worker-ensembles.ts'
import type { SubnetModule } from '../subnet-module.ts'
import type { SynthConfig } from './config.ts'
import { createSynthModule } from './synth-module.ts'

export interface ForecastParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly book: RegimeBook
  readonly spot: SpotPrice
  readonly clock: Clock
  readonly log: Logger
  /** The source of all seeds of this run: not a secret, and new at every start. */
  readonly processSeed: bigint
  /** The hotkey for which paths are drawn ahead. */
  readonly firstReceiver?: string | undefined
  readonly parameters: ParameterSource
  /** State of each asset, read at once from memory. */
  readonly readEwma: (asset: string) => EwmaState | undefined
  readonly readMemory: (asset: string, horizon: Horizon) => CalibratedMemory | undefined
  /** None: what is served is not recorded. */
  readonly journal?: Journal
  /** Models from files, `onnx:<name>`. */
  readonly findModel?: (name: string) => ShelvedModel | undefined
}

/** Everything that answers prompts on this subnet, from models to threads, behind the module that the axons serve. */
export async function composeSynth(
  parts: ForecastParts & { readonly netuid: number },
  config: SynthConfig,
): Promise<SubnetModule> {
  const { clock, log, netuid } = parts
  const { texts, assets } = await composeForecasts(parts, config)
  return createSynthModule({ clock, log, texts }, { ...config, netuid, assets })
}

/** Models, ladder, threads and prepared paths: from a prompt to the text of its answer. */
export async function composeForecasts(
  parts: ForecastParts,
  config: SynthConfig,
): Promise<{ readonly texts: AnswerTextMaker; readonly assets: ReadonlySet<string> }> {
  const { stack, board, book, spot, clock, parameters, journal, processSeed } = parts
  const log = parts.log.child({ component: 'forecasts' })
  const hashText = (text: string): string => createHash('sha256').update(text).digest('hex')
  const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

  const { readEwma, readMemory } = parts
  const assets = assetTable(book)
  const builtIn = createBuiltInModels({
    readEwma,
    readMemory,
    parametersOf: (asset) => parameters.inForce().of(asset),
    hourlySdOf: (asset) => assets.get(asset)?.hourlySd,
  })
  const shelf = new ModelShelf((name) => builtIn.get(name) ?? parts.findModel?.(name))
  const ensembles = await stack.use(
    'path workers',
    WorkerEnsembles.start({ clock, log }, { workers: config.workers, prepareAheadBytes: config.prepareAheadBytes }),
  )
  const ladder = new ForecastLadder({
    clock,
    log,
    shelf,
    parameters,
    ensembles,
    lastResort: new InlineEnsembles({ hashBytes, monotonicMs: () => clock.monotonicMs() }),
    scoredIntervals: (prompt) => scoredIntervals(book, prompt),
    flatFirstPath: config.path0 === 'model' ? undefined : config.path0 === 'flat',
  })
  log.info({ event: 'forecasts.started', processSeed: `${processSeed}`, workers: config.workers }, 'Forecasts ready')
  const championOf: ChampionOf = (prompt, receiver) =>
    receiver === undefined ? undefined : config.champions[receiver]?.[horizonOf(prompt.lengthSeconds)]
  const seeds = new PromptSeeds(processSeed)
  const nextPrompts = new NextPrompts()
  if (config.prepareAhead) {
    const likelyPrompts = (nowMs: number) => nextPrompts.likely(nowMs)
    await stack.use(
      'prepared paths',
      new PrepareAhead({
        ...{ clock, log, likelyPrompts, ladder, seeds, ensembles, championOf },
        receiver: parts.firstReceiver,
      }),
    )
  }
  const served = new ServedRungs()
  board.register('forecasts', () => served.health())
  const texts = new LadderTextMaker(
    {
      clock,
      log,
      spot,
      ladder,
      seeds,
      championOf,
      hashText,
      onPrompt: (prompt, receivedAtMs) => nextPrompts.observe(prompt, receivedAtMs),
      onOutcome: (outcome, prompt) => served.note(outcome, prompt, clock.nowMs()),
      ...(journal === undefined ? {} : { journal }),
    },
    config,
  )
  return { texts, assets: new Set(assets.keys()) }
}
