import { dirname, join, resolve } from 'node:path'
import { readSystemUptime } from '#adapters/clock/system-uptime'
import { ProcessJobRunner } from '#adapters/engine/process-job-runner'
import { isOwnerGone, nameOwner } from '#adapters/engine/process-owner'
import { sha256Hex } from '#adapters/files/output-file'
import { readVersion } from '#adapters/files/read-version'
import { childBudget } from '#adapters/process/child-budget'
import { readMachineLimits } from '#adapters/process/machine-limits'
import { openDatabase, openDatabaseToRead, openGovernanceDatabase } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteJobStore } from '#adapters/sqlite/job-store'
import { SqliteTrainingRunStore } from '#adapters/sqlite/training-run-store'
import { makeJob } from '#core/base/engine/job'
import type { JobSpec } from '#core/base/engine/job-handlers'
import { LeasedEngine } from '#core/base/engine/leased-engine'
import { InputError, UsageError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { JsonValue } from '#core/base/json/strict-json'
import { contradictStored } from '#core/base/time/trusted-time'
import type { TrainingRun } from '#core/tuning/training/training-runs'
import { readRecipe, writeRecipe } from '#models/compile/read-recipe'
import { recipeError } from '#models/compile/recipe-error'
import { recipeSource } from '#models/compile/recipe-files'
import { recipeHash } from '#models/compile/recipe-hash'
import { prepareData } from '#models/data/prepare-data'
import { ComponentError, discoverComponents } from '#models/registry/discover'
import { openFold } from '#models/training/open-training'
import { openDataDeps } from './compose-data.ts'
import type { OpenDeps } from './compose-replay.ts'
import type { RunsContext, TrainContext, TrainEvents, TrainReport, TrainRequest } from './train/context.ts'
import type { TrainEnd, TrainInput, TrainNote, TrainSetting } from './train/train-messages.ts'

const isSource = import.meta.url.endsWith('.ts')
const trainKind = 'train'
/** The newest migration that the commands about runs need. */
const runsMigration = 162

/** Records of trainings, read beside whatever writes them. */
export function openRuns({ clock, config }: Pick<OpenDeps, 'clock' | 'config'>): RunsContext {
  const db = openDatabaseToRead({ path: config.db.path, lastMigration: runsMigration })
  return { store: new SqliteTrainingRunStore(db, clock), isGone: isOwnerGone, close: () => void db.close() }
}

export function openTraining(deps: OpenDeps): TrainContext {
  const { clock, config, packageRoot } = deps
  const migrationsDir = join(packageRoot, 'migrations')
  const db = openDatabase({ path: config.db.path, migrationsDir, clock, busyTimeoutMs: 30_000 })
  const store = new SqliteTrainingRunStore(db, clock)
  return {
    train: async (request, events) => {
      const plan = await planTraining(deps, store, request)
      const session = new TrainingSession(deps, store, new SqliteJobStore(db), plan, events)
      return session.run()
    },
    close: () => void db.close(),
  }
}

interface PlannedRun {
  readonly id: number
  readonly input: TrainInput
  /** By an earlier command that this one goes on with. */
  readonly isDone: boolean
}

interface Plan {
  readonly request: TrainRequest
  readonly runs: readonly PlannedRun[]
  readonly leftOut: readonly string[]
  readonly setting: Omit<TrainSetting, 'outFolder'>
  readonly outFolder: string
  readonly steps: number
}

/** Reads recipe and data, and finds everything that is wrong with them, before anything is trained or recorded. */
async function planTraining(
  { clock, config, packageRoot }: OpenDeps,
  store: SqliteTrainingRunStore,
  request: TrainRequest,
): Promise<Plan> {
  const { db, models, regimes, market } = config
  const components = await discoverComponents(models.components).catch((error: unknown) => {
    if (error instanceof ComponentError) throw new InputError('COMPONENT_INVALID', error.message, { cause: error })
    throw error
  })
  const read = readRecipe(recipeSource(request.recipe, request.overrides), components)
  if (!read.ok) throw recipeError(read.problems)
  const { recipe } = read
  const hash = recipeHash(recipe)
  const seeds = request.seeds ?? [recipe.seed]
  const lastOf = (seed: number, fold: number | undefined): TrainingRun | undefined =>
    request.resume ? store.findLast({ recipeHash: hash, seed, fold }) : undefined
  const earlier = seeds.flatMap((seed) => lastOf(seed, request.allFolds ? 0 : undefined) ?? [])
  // Prices that came since are not among the data of a training that goes on.
  const untilMs = earlier[0]?.startedAtMs ?? clock.nowMs()
  const dbPath = resolve(db.path)
  const parts = { dbPath, regimesFile: regimes.file, pythHistory: market.pythHistory }
  const prepared = await prepareData(recipe, openDataDeps({ clock, ...parts, features: components.features, untilMs }))
  if (!prepared.ok) throw recipeError(prepared.problems)
  const { data } = prepared
  if (request.allFolds && data.split.folds.length < 2) {
    throw new UsageError('USAGE', `--folds needs several folds, and ${recipe.name} has one.`, {
      hint: 'Add split.use=walkForward, or leave out --folds.',
    })
  }
  const folds = request.allFolds ? data.split.folds.map((_, fold) => fold) : [undefined]
  const problems = folds.flatMap((fold) => {
    const opened = openFold(recipe, data, { fold })
    return opened.ok ? [] : opened.problems
  })
  if (problems.length > 0) throw recipeError(problems)
  const yaml = writeRecipe(recipe)
  const codeVersion = readVersion(packageRoot)
  const owner = nameOwner(clock.nowMs())
  const runs = seeds.flatMap((seed) =>
    folds.map((fold): PlannedRun => {
      const known = lastOf(seed, fold)
      const isDone = known?.state === 'done'
      if (known !== undefined && !isDone) store.reopen(known.id, owner)
      const id =
        known?.id ??
        store.start({
          ...{ recipeName: recipe.name, recipeHash: hash, recipe: yaml, seed, fold, codeVersion, owner },
          ...{ dataHash: data.hash, dataFromMs: data.windows[0]!.startAtMs, dataToMs: data.windows.at(-1)!.startAtMs },
          ...{ steps: recipe.training.steps, startedAtMs: untilMs },
        })
      return {
        id,
        isDone,
        input: { recipe: yaml, seed, fold: fold ?? null, dataHash: data.hash, codeVersion, untilMs },
      }
    }),
  )
  const folder = dirname(dbPath)
  const { memoryBytes } = readMachineLimits()
  return {
    ...{ request, runs, leftOut: data.leftOut, steps: recipe.training.steps },
    outFolder: resolve(request.outFolder ?? join(folder, 'trained')),
    setting: {
      ...{ parentPid: process.pid, resume: request.resume, components: models.components, ...parts },
      checkpointsFolder: join(folder, 'training'),
      // Half of the machine for all of them: the miner has the rest.
      mostResidentBytes: memoryBytes / 2 / Math.max(1, Math.min(runs.length, request.processes ?? 1)),
    },
  }
}

class TrainingSession {
  readonly #deps: OpenDeps
  readonly #store: SqliteTrainingRunStore
  readonly #jobs: SqliteJobStore
  readonly #plan: Plan
  readonly #events: TrainEvents
  readonly #ends = new Map<number, TrainEnd>()
  readonly #steps = new Map<number, number>()
  #isUnrecorded = false

  constructor(deps: OpenDeps, store: SqliteTrainingRunStore, jobs: SqliteJobStore, plan: Plan, events: TrainEvents) {
    this.#deps = deps
    this.#store = store
    this.#jobs = jobs
    this.#plan = plan
    this.#events = events
  }

  async run(): Promise<TrainReport> {
    const { runs, request, leftOut } = this.#plan
    const { clock, log, threads } = this.#deps
    const open = runs.filter(({ isDone }) => !isDone)
    const runner = new ProcessJobRunner<TrainSetting, TrainNote>({
      worker: new URL(`./train/train-worker${isSource ? '.ts' : '.js'}`, import.meta.url),
      processes: Math.max(1, Math.min(request.processes ?? threads, open.length)),
      heapMegabytes: childBudget(readMachineLimits()).heapMegabytes,
      setting: (spec) => ({ ...this.#plan.setting, outFolder: this.#outFolderOf(spec) }),
      onNote: (spec, note) => this.#take(this.#runOf(spec), note),
    })
    const engine = new LeasedEngine({
      ...{ store: this.#jobs, runner, clock, log, owner: nameOwner(clock.nowMs()), isGone: isOwnerGone },
      doubt: () => this.#doubt(),
    })
    const stop = (): void => runner.stop()
    this.#events.signal.addEventListener('abort', stop, { once: true })
    try {
      const jobs = open.map(({ input }) => makeJob({ kind: trainKind, input: asJson(input) }, sha256Hex))
      // The same training again is wanted again: --resume knows by its record what is done.
      const { outcomes } = await engine.run(jobs, { signal: this.#events.signal, again: true })
      for (const [i, { id }] of open.entries()) {
        const outcome = outcomes.get(jobs[i]!.key)
        this.#end(id, outcome?.state === 'failed' ? outcome.reason : 'stopped before it began')
      }
    } finally {
      this.#events.signal.removeEventListener('abort', stop)
    }
    const ends = open.map(({ id }) => this.#ends.get(id)!)
    return {
      runs: runs.map(({ id }) => this.#store.find(id)!),
      leftOut,
      code: ends.find(({ state }) => state !== 'done')?.code,
      uncompared: ends.find(({ uncompared }) => uncompared !== undefined)?.uncompared,
    }
  }

  #take(id: number, note: TrainNote): void {
    switch (note.kind) {
      case 'step': {
        this.#steps.set(id, note.step)
        const { runs, steps } = this.#plan
        const done = runs.reduce((sum, run) => sum + (run.isDone ? steps : (this.#steps.get(run.id) ?? 0)), 0)
        this.#events.onProgress(`Steps, loss ${note.loss.toPrecision(4)}`, done, steps * runs.length)
        return
      }
      case 'look':
        this.#record(() => this.#store.addMetric(id, note.look))
        return
      case 'end':
        this.#ends.set(id, note.end)
    }
  }

  /** `reason` where the process said nothing at its end. */
  #end(id: number, reason: string): void {
    const end = this.#ends.get(id) ?? {
      ...({ state: 'stopped', step: this.#store.find(id)?.step ?? 0, code: 'TRAINING_STOPPED', reason } as const),
    }
    this.#ends.set(id, end)
    const { state, step, bestStep, bestLoss, artefact, comparison } = end
    this.#record(() =>
      this.#store.end(id, { state, step, bestStep, bestLoss, reason: end.reason, artefact, comparison }),
    )
  }

  /** The checkpoint is what counts: a record that cannot be written ends no training. */
  #record(write: () => void): void {
    try {
      write()
    } catch (error) {
      if (!this.#isUnrecorded) this.#events.warn(`The record of the training cannot be written: ${messageOf(error)}.`)
      this.#isUnrecorded = true
    }
  }

  #runOf({ input }: JobSpec): number {
    const { seed, fold } = input as unknown as TrainInput
    return this.#plan.runs.find((run) => run.input.seed === seed && run.input.fold === fold)!.id
  }

  /** The only training writes to the folder itself; of folds none is to be served. */
  #outFolderOf({ input }: JobSpec): string | undefined {
    const { request, outFolder } = this.#plan
    if (request.allFolds) return undefined
    const { seed } = input as unknown as TrainInput
    return (request.seeds?.length ?? 1) === 1 ? outFolder : join(outFolder, `seed-${seed}`)
  }

  #doubt(): string | undefined {
    const { clock, config, packageRoot } = this.#deps
    const migrationsDir = join(packageRoot, 'migrations')
    const governance = openGovernanceDatabase({ path: config.db.path, migrationsDir, clock, busyTimeoutMs: 30_000 })
    try {
      return contradictStored(new SqliteGovernanceStore(governance).readTrusted(), clock.nowMs(), readSystemUptime())
    } finally {
      governance.close()
    }
  }
}

function asJson(input: TrainInput): JsonValue {
  return input as unknown as JsonValue
}
