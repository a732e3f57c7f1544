/** One training in a process of its own, of low priority. It opens no database to write. */
import { join } from 'node:path'
import { parse } from 'yaml'
import { systemClock } from '#adapters/clock/system-clock'
import type { FromJobProcess, ToJobProcess } from '#adapters/engine/process-job-runner'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { WholeFile } from '#adapters/files/whole-file'
import { DiskModelFolder } from '#adapters/onnx/disk-model-folder'
import { OnnxGraphRuntime } from '#adapters/onnx/graph-sessions'
import { ProcessRuntime } from '#adapters/onnx/process-runtime'
import { behaveAsChildOf } from '#adapters/process/child-manners'
import type { JobReply } from '#core/base/engine/job-handlers'
import { messageOf } from '#core/base/errors/message-of'
import type { Logger } from '#core/base/log/logger'
import { ReplayRulesLookup } from '#core/tuning/replay/replay-rules'
import { writeArtefact } from '#models/artefact/write-artefact'
import { parseRecipe } from '#models/compile/parse-recipe'
import { showProblem } from '#models/compile/recipe-error'
import { discoverComponents } from '#models/registry/discover'
import { compareModels, normalisationOf } from '#models/training/compare-models'
import { type OpenedTraining, openTraining } from '#models/training/open-training'
import { type TrainingEnd, trainModel } from '#models/training/train-model'
import { openDataDeps } from '../compose-data.ts'
import { checkpointName } from './checkpoint-name.ts'
import type { TrainEnd, TrainInput, TrainNote, TrainSetting } from './train-messages.ts'

/** Several a second are more than a person reads. */
const noteEveryMs = 250
/** The memory is looked at each so many steps. */
const watchedSteps = 50

let stopReason: string | undefined
// Ctrl-C reaches every process of the terminal; the one that started this one says what to do.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {
  stopReason ??= 'it was told to end'
})

process.on('message', (message: ToJobProcess<TrainSetting>) => {
  if (message.kind === 'stop') stopReason ??= 'stopped'
  else void work(message.spec.input as unknown as TrainInput, message.setting)
})

async function work(input: TrainInput, setting: TrainSetting): Promise<void> {
  behaveAsChildOf(setting.parentPid)
  let reply: JobReply
  try {
    const end = await train(input, setting)
    send({ kind: 'note', note: { kind: 'end', end } })
    reply =
      end.state === 'done'
        ? { ok: true, result: { step: end.step } }
        : { ok: false, reason: end.reason ?? end.state, isRetryable: false }
  } catch (error) {
    reply = { ok: false, reason: messageOf(error), isRetryable: false }
  }
  process.send!({ kind: 'reply', reply } satisfies FromJobProcess<TrainNote>, () => process.exit(0))
}

async function train(input: TrainInput, setting: TrainSetting): Promise<TrainEnd> {
  const { seed, untilMs } = input
  const fold = input.fold ?? undefined
  const components = await discoverComponents(setting.components)
  const read = parseRecipe(parse(input.recipe), components)
  if (!read.ok) return failed(0, read.problems.map(showProblem).join(' '))
  const { recipe } = read
  const { dbPath, regimesFile, pythHistory } = setting
  const deps = openDataDeps({
    clock: systemClock,
    ...{ dbPath, regimesFile, pythHistory, features: components.features, untilMs },
  })
  const answer = await openTraining(recipe, deps, { seed, fold })
  if (!answer.ok) return failed(0, answer.problems.map(showProblem).join(' '))
  const { opened } = answer
  const runtime = new OnnxGraphRuntime()
  let notedAtMs = 0
  const end = await trainModel(runtime, opened.job, {
    checkpoints: new WholeFile(join(setting.checkpointsFolder, checkpointName(recipe.name, seed, fold))),
    resume: setting.resume,
    stop: stopNow,
    onStep: (step) => {
      const nowMs = systemClock.monotonicMs()
      if (nowMs - notedAtMs < noteEveryMs && step.step !== step.steps) return
      notedAtMs = nowMs
      send({ kind: 'note', note: { kind: 'step', ...step } })
    },
    onLook: (look) => send({ kind: 'note', note: { kind: 'look', look } }),
  })
  return end.kind === 'done' ? finish(runtime, opened, end, setting, untilMs) : endOf(end)

  function stopNow(): string | undefined {
    watched += 1
    if (watched % watchedSteps === 0) {
      const megabytes = Math.round(process.memoryUsage.rss() / 1e6)
      if (megabytes * 1e6 > setting.mostResidentBytes) {
        const most = Math.round(setting.mostResidentBytes / 1e6)
        stopReason ??= `it needs ${megabytes} MB of memory, and may have ${most}`
      }
    }
    return stopReason
  }
}

let watched = 0

/** The finished model: compared, written as the miner reads it, and checked as the miner checks it. */
async function finish(
  runtime: OnnxGraphRuntime,
  opened: OpenedTraining,
  { weights, step, bestStep, bestLoss, isEarly }: TrainingEnd & { readonly kind: 'done' },
  { regimesFile, outFolder }: TrainSetting,
  untilMs: number,
): Promise<TrainEnd> {
  const { recipe, owner } = opened.job
  const rules = new ReplayRulesLookup(loadRegimeBook(regimesFile))
  const timeLengthSeconds = recipe.grid.steps * recipe.grid.stepSeconds
  const { data, fold } = opened
  const last = data.windows.at(-1)!.startAtMs
  // As it would be scored if it served from now on.
  const compared = await compareModels(runtime, opened, weights, (asset) =>
    rules.of({ asset, startAtMs: untilMs, timeLengthSeconds }),
  )
  const facts = {
    ...{ step, bestStep },
    ...(bestLoss === undefined ? {} : { bestLoss }),
    ...(isEarly ? { reason: 'the validation loss no longer fell' } : {}),
    ...(compared.ok ? { comparison: compared.comparison } : { uncompared: compared.reason }),
  }
  if (outFolder === undefined) return { state: 'done', ...facts }
  const serving = new ProcessRuntime({ clock: systemClock, log: silent })
  try {
    const { comparison } = { comparison: undefined, ...facts }
    const scores = comparison === undefined ? {} : scoreFacts(comparison.model, comparison.windows)
    const beaten = comparison === undefined ? {} : scoreFacts(comparison.difference, comparison.windows)
    const written = await writeArtefact(
      { runtime: serving, openFolder: (path) => new DiskModelFolder(path) },
      {
        ...{ recipe, weights, ...normalisationOf(fold.dataset) },
        training: {
          data: { hash: owner.dataHash, fromMs: data.windows[0]!.startAtMs, toMs: last },
          scores,
          ...(comparison === undefined ? {} : { baseline: { name: 'calibrated', scores: beaten } }),
        },
      },
      outFolder,
    )
    if (!written.ok) return { ...failed(step, written.problems.map(showProblem).join(' ')), ...facts }
    return { state: 'done', ...facts, artefact: written.path }
  } finally {
    await serving.stop()
  }
}

function scoreFacts({ mean, low, high }: { mean: number; low: number | null; high: number | null }, windows: number) {
  return low === null || high === null ? {} : { total: { value: mean, low, high, windows } }
}

function endOf(end: Exclude<TrainingEnd, { kind: 'done' }>): TrainEnd {
  switch (end.kind) {
    case 'refused':
      return {
        state: 'failed',
        step: 0,
        code: 'CHECKPOINT_REFUSED',
        reason: `the checkpoint cannot be used: ${end.reason}`,
      }
    case 'stopped':
      return { state: 'stopped', step: end.step, code: 'TRAINING_STOPPED', reason: end.reason }
    case 'diverged':
      return failed(end.step, end.reason)
    case 'unsaved': {
      const reason = `its checkpoint cannot be written: ${messageOf(end.cause)}; the last one is kept`
      return { state: 'stopped', step: end.step, code: 'TRAINING_STOPPED', reason }
    }
  }
}

function failed(step: number, reason: string): TrainEnd {
  return { state: 'failed', step, code: 'TRAINING_FAILED', reason }
}

function send(message: FromJobProcess<TrainNote>): void {
  process.send?.(message, () => {
    // The process that started this one is gone, and this one goes with it.
  })
}

const silent: Logger = {
  ...{ fatal: () => {}, error: () => {}, warn: () => {}, info: () => {}, debug: () => {} },
  child: () => silent,
}
