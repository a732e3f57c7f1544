import { systemClock } from '#adapters/clock/system-clock'
import { openModelFolder } from '#adapters/onnx/disk-model-folder'
import { ModelRuntime } from '#adapters/onnx/model-runtime'
import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { inspectModel } from '#core/forecast/models/onnx/inspect-model'
import { type ManifestReading, readManifest } from '#core/forecast/models/onnx/manifest'
import type { OnnxModelDeps } from '#core/forecast/models/onnx/onnx-model'
import { OnnxShelf } from '#core/forecast/models/onnx/onnx-shelf'
import { StoredCloses } from '#core/forecast/models/onnx/stored-closes'
import type { MinuteReader } from '#core/market/minutes/minute-store'
import type { PriceSourceLookup } from '#core/market/venues/price-sources'
import { loadFeatures } from '#models/registry/load-features'
import type { ModelTrial } from './commands/models.ts'
import type { DaemonConfig } from './config.ts'
import { keepAsking } from './forecasting/keep-asking.ts'

export interface ModelParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly store: MinuteReader
  readonly sources: PriceSourceLookup
  readonly clock: Clock
  readonly log: Logger
  readonly onBug: (error: unknown) => void
  /** The calibrated model: the reference for an ONNX model. */
  readonly yardstick?: OnnxModelDeps['yardstick']
}

/**
 * The models of `models.dir`, checked while the miner already answers with others. Without that setting there is
 * no shelf, no process and no library in memory.
 */
export async function composeModels(parts: ModelParts, config: DaemonConfig['models']): Promise<OnnxShelf | undefined> {
  if (config.dir === undefined) return undefined
  const { stack, board, store, sources, clock, yardstick } = parts
  const log = parts.log.child({ component: 'models' })
  // Deadlines of another process run in real time, also where the miner works by a simulated market's time.
  const runtime = new ModelRuntime({ clock: systemClock, log, servers: config.servers })
  await stack.use('models', runtime)
  const shelf = new OnnxShelf(
    {
      folder: openModelFolder(config.dir).folder,
      features: await loadFeatures(),
      runtime,
      closes: new StoredCloses({ store, sources }),
      clock,
      log,
      ...(yardstick === undefined ? {} : { yardstick }),
    },
    config,
  )
  board.register('models', () => shelf.health())
  const asking = keepAsking(shelf, clock)
  asking.finished.catch(parts.onBug)
  await stack.use('model processes', asking)
  return shelf
}

/** For the command line: the same checks as at a start. */
export function openModelTrial(path: string, servers: readonly string[], log: Logger): ModelTrial {
  const { folder, only } = openModelFolder(path)
  const runtime = new ModelRuntime({ clock: systemClock, log, servers })
  return {
    list: async () => (only === undefined ? folder.list() : [only]),
    readManifest: async (name) => {
      const text = await folder.readText(name, 'manifest.json')
      return text === undefined ? undefined : readModelManifest(text)
    },
    inspect: async (name, deadlineMs) =>
      inspectModel({ folder, runtime, features: await loadFeatures() }, name, deadlineMs),
    stop: () => runtime.stop(),
  }
}

/** What a model says about itself, with the features that this program knows. */
export async function readModelManifest(text: string): Promise<ManifestReading> {
  return readManifest(text, await loadFeatures())
}
