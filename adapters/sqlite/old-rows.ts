import type { Database } from './database.ts'

const mostWindows = 500
const mostPrompts = 100
const mostPaths = 200

/** Deletes what grows with time and is needed for some weeks only. Each call is one short transaction and returns how much it did. */
export class SqliteOldRows {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * The field's scores of prompts that ended before. The windows go first and in the same direction: a stretch without its
   * prompts must not count as fetched.
   */
  deleteField(beforeMs: number): number {
    return this.#db
      .transaction(() => {
        const windows = this.#deleteWindows(beforeMs)
        if (windows > 0) return windows
        return this.#db
          .prepare(
            `delete from field_prompts where (asset, time_length_seconds, scored_at_ms) in
               (select asset, time_length_seconds, scored_at_ms from field_prompts
                 where scored_at_ms < ? limit ${mostPrompts})`,
          )
          .run(beforeMs).changes
      })
      .immediate()
  }

  /** Realised paths that ended before. Those of a prediction on record stay: without them it cannot be scored again. */
  deleteRealisedPaths(beforeMs: number): number {
    // Searched before the lock is taken. The index over the key answers it without the prices.
    const ids = this.#db
      .prepare<[number], number>(
        `select id from realized_paths as path
          where start_at_ms + 1000 * time_length_seconds < ?
            and not exists (select 1 from predictions
                             where asset = path.asset and time_length_seconds = path.time_length_seconds
                               and start_at_ms = path.start_at_ms)
          limit ${mostPaths}`,
      )
      .pluck()
      .all(beforeMs)
    if (ids.length === 0) return 0
    const remove = this.#db.prepare<[number]>('delete from realized_paths where id = ?')
    return this.#db
      .transaction(() => {
        for (const id of ids) remove.run(id)
        return ids.length
      })
      .immediate()
  }

  #deleteWindows(beforeMs: number): number {
    const deleted = this.#db
      .prepare(
        `delete from field_windows where (asset, time_length_seconds, from_ms, to_ms) in
           (select asset, time_length_seconds, from_ms, to_ms from field_windows where to_ms <= ? limit ${mostWindows})`,
      )
      .run(beforeMs).changes
    if (deleted > 0) return deleted
    // replace: another window may begin there already.
    return this.#db
      .prepare('update or replace field_windows set from_ms = :beforeMs where from_ms < :beforeMs')
      .run({ beforeMs }).changes
  }
}
