import type { Clock } from '#core/base/time/clock'
import type {
  ModelComparison,
  NewTrainingRun,
  TrainingEndFacts,
  TrainingIdentity,
  TrainingMetric,
  TrainingRun,
  TrainingRunState,
  TrainingRunStore,
} from '#core/tuning/training/training-runs'
import type { Database } from './database.ts'

interface Row {
  readonly id: number
  readonly recipeName: string
  readonly recipeHash: string
  readonly recipe: string
  readonly seed: number
  readonly fold: number | null
  readonly codeVersion: string
  readonly dataHash: string
  readonly dataFromMs: number
  readonly dataToMs: number
  readonly steps: number
  readonly step: number
  readonly state: TrainingRunState
  readonly reason: string | null
  readonly owner: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  readonly bestStep: number | null
  readonly bestLoss: number | null
  readonly artefact: string | null
  readonly comparison: string | null
}

const columns = `id, recipe_name as recipeName, recipe_hash as recipeHash, recipe, seed, fold, code_version as codeVersion,
  data_hash as dataHash, data_from_ms as dataFromMs, data_to_ms as dataToMs, steps, step, state, reason, owner,
  started_at_ms as startedAtMs, ended_at_ms as endedAtMs, best_step as bestStep, best_loss as bestLoss, artefact,
  comparison`

export class SqliteTrainingRunStore implements TrainingRunStore {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  start(run: NewTrainingRun): number {
    const { lastInsertRowid } = this.#db
      .prepare(
        `insert into training_runs (recipe_name, recipe_hash, recipe, seed, fold, code_version, data_hash, data_from_ms,
           data_to_ms, steps, state, owner, started_at_ms)
         values (:recipeName, :recipeHash, :recipe, :seed, :fold, :codeVersion, :dataHash, :dataFromMs, :dataToMs, :steps,
           'running', :owner, :startedAtMs)`,
      )
      .run({ ...run, fold: run.fold ?? null })
    return Number(lastInsertRowid)
  }

  findLast({ recipeHash, seed, fold }: TrainingIdentity): TrainingRun | undefined {
    const row = this.#db
      .prepare<unknown[], Row>(
        `select ${columns} from training_runs
          where recipe_hash = :recipeHash and seed = :seed and fold is :fold
          order by id desc limit 1`,
      )
      .get({ recipeHash, seed, fold: fold ?? null })
    return row === undefined ? undefined : toRun(row)
  }

  reopen(id: number, owner: string): void {
    this.#db
      .prepare(
        `update training_runs set state = 'running', owner = :owner, ended_at_ms = null, reason = null where id = :id`,
      )
      .run({ id, owner })
  }

  addMetric(id: number, { step, trainingLoss, validationLoss, learningRate, gradientLength }: TrainingMetric): void {
    this.#db
      .transaction(() => {
        this.#db
          .prepare(
            `insert or replace into training_metrics (run_id, step, training_loss, validation_loss, learning_rate,
               gradient_length)
             values (:id, :step, :trainingLoss, :validationLoss, :learningRate, :gradientLength)`,
          )
          .run({ id, step, trainingLoss, validationLoss: validationLoss ?? null, learningRate, gradientLength })
        this.#db.prepare('update training_runs set step = max(step, :step) where id = :id').run({ id, step })
      })
      .immediate()
  }

  end(id: number, { state, step, bestStep, bestLoss, reason, artefact, comparison }: TrainingEndFacts): void {
    this.#db
      .prepare(
        `update training_runs
            set state = :state, step = :step, best_step = :bestStep, best_loss = :bestLoss, reason = :reason,
                artefact = :artefact, comparison = :comparison, ended_at_ms = :endedAtMs
          where id = :id`,
      )
      .run({
        ...{ id, state, step, bestStep: bestStep ?? null, bestLoss: bestLoss ?? null, reason: reason ?? null },
        artefact: artefact ?? null,
        comparison: comparison === undefined ? null : JSON.stringify(comparison),
        endedAtMs: this.#clock.nowMs(),
      })
  }

  list(count: number): TrainingRun[] {
    return this.#db
      .prepare<[number], Row>(`select ${columns} from training_runs order by id desc limit ?`)
      .all(count)
      .map(toRun)
  }

  find(id: number): TrainingRun | undefined {
    const row = this.#db.prepare<[number], Row>(`select ${columns} from training_runs where id = ?`).get(id)
    return row === undefined ? undefined : toRun(row)
  }

  metricsOf(id: number): TrainingMetric[] {
    return this.#db
      .prepare<[number], Omit<TrainingMetric, 'validationLoss'> & { readonly validationLoss: number | null }>(
        `select step, training_loss as trainingLoss, validation_loss as validationLoss, learning_rate as learningRate,
           gradient_length as gradientLength
         from training_metrics where run_id = ? order by step`,
      )
      .all(id)
      .map((row) => ({ ...row, validationLoss: row.validationLoss ?? undefined }))
  }
}

function toRun(row: Row): TrainingRun {
  return {
    ...row,
    fold: row.fold ?? undefined,
    reason: row.reason ?? undefined,
    endedAtMs: row.endedAtMs ?? undefined,
    bestStep: row.bestStep ?? undefined,
    bestLoss: row.bestLoss ?? undefined,
    artefact: row.artefact ?? undefined,
    comparison: row.comparison === null ? undefined : (JSON.parse(row.comparison) as ModelComparison),
  }
}
