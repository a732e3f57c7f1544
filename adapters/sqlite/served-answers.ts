import { type Horizon, horizonSeconds } from '#core/synth/prompts/horizon'
import type { ServedAnswer } from '#core/tuning/governance/reach'
import type { Database } from './database.ts'

/** Who made the newest answers, from the journal. */
export class SqliteServedAnswers {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  lastServed(asset: string, horizon: Horizon, count: number): readonly ServedAnswer[] {
    return this.#db
      .prepare<[string, string, number, number], ServedAnswer>(
        `select start_at_ms as startAtMs, rung, model_name as model, parameters ->> ? as champion from predictions
          where asset = ? and time_length_seconds = ? order by start_at_ms desc limit ?`,
      )
      .all(`$.champion.${horizon}`, asset, horizonSeconds[horizon], count)
  }
}
