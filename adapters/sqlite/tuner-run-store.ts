import type { TunerRun, TunerRunStore } from '#core/tuning/runs/tuner-runs'
import type { Database } from './database.ts'

/** Enough to see the recent runs. */
const keptRuns = 200

export class SqliteTunerRunStore implements TunerRunStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  record(run: TunerRun): void {
    this.#db.transaction(() => {
      this.#db
        .prepare(
          `insert into tuner_runs (job, scheduled_at_ms, started_at_ms, finished_at_ms, exit_code, last_line)
           values (:job, :scheduledAtMs, :startedAtMs, :finishedAtMs, :exitCode, :lastLine)`,
        )
        .run(run)
      this.#db
        .prepare(
          `delete from tuner_runs where job = :job
             and id not in (select id from tuner_runs where job = :job order by id desc limit :keptRuns)`,
        )
        .run({ job: run.job, keptRuns })
    })()
  }

  recentRuns(job: string): TunerRun[] {
    return this.#db
      .prepare<unknown[], TunerRun>(
        `select job, scheduled_at_ms as scheduledAtMs, started_at_ms as startedAtMs, finished_at_ms as finishedAtMs,
           exit_code as exitCode, last_line as lastLine
         from tuner_runs where job = :job order by id desc`,
      )
      .all({ job })
  }

  firstRunAtMs(): number | undefined {
    const first = this.#db.prepare<[], number | null>('select min(started_at_ms) from tuner_runs').pluck().get()
    return first ?? undefined
  }
}
