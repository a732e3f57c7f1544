import type { Clock } from '#core/base/time/clock'
import type { StorageRounding } from '#core/synth/regimes/regime'
import type { FileProblem, FileScore, FileScoreStore } from '#core/tuning/prediction-files/prediction-file'
import type { Database } from './database.ts'

interface Row extends Omit<FileScore, 'isPublished'> {
  readonly isPublished: 0 | 1
  readonly storage: StorageRounding
  readonly problem: FileProblem | null
}

export class SqliteFileScoreStore implements FileScoreStore {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  list(folder: string): FileScore[] {
    return this.#db
      .prepare<[string], Row>(
        `select file, row, byte_count as byteCount, modified_at_ms as modifiedAtMs, asset, start_at_ms as startAtMs,
                time_length_seconds as timeLengthSeconds, regime, storage, path_count as pathCount, total, problem, detail,
                real_points as realPoints, real_known as realKnown, is_published as isPublished
           from file_scores where folder = ? order by asset, time_length_seconds, start_at_ms, file, row`,
      )
      .all(folder)
      .map((row) => ({ ...row, isPublished: row.isPublished === 1 }))
  }

  save(folder: string, scores: readonly FileScore[]): void {
    const insert = this.#db.prepare(
      `insert or replace into file_scores (folder, file, row, byte_count, modified_at_ms, asset, start_at_ms,
         time_length_seconds, regime, storage, path_count, total, problem, detail, real_points, real_known, is_published,
         scored_at_ms)
       values (:folder, :file, :row, :byteCount, :modifiedAtMs, :asset, :startAtMs, :timeLengthSeconds, :regime, :storage,
         :pathCount, :total, :problem, :detail, :realPoints, :realKnown, :isPublished, :scoredAtMs)`,
    )
    this.#db
      .transaction(() => {
        for (const score of scores) {
          insert.run({ ...score, folder, isPublished: score.isPublished ? 1 : 0, scoredAtMs: this.#clock.nowMs() })
        }
      })
      .immediate()
  }
}
