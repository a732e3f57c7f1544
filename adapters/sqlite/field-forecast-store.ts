import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { PredictionScore, ScoreProblem } from '#core/tuning/replay/prediction-score'
import type { ScoreFilter, StoredTotal } from '#core/tuning/replay/score-store'
import { type FieldForecastStore, type ForecastPrompt, fieldPromptId } from '#core/tuning/shadow/forecast-field'
import type { Database } from './database.ts'

interface PromptRow extends Omit<ForecastPrompt, 'scoredUnder'> {
  readonly regimes: string | null
}

type TotalRow = Omit<StoredTotal, 'predictionId'>

/** Later minutes may change these. */
const triedAgain = JSON.stringify(['noForecast', 'forgotten', 'refusedRows'] satisfies ScoreProblem[])

export class SqliteFieldForecastStore implements FieldForecastStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  listPrompts({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, model }: ScoreFilter): ForecastPrompt[] {
    return this.#db
      .prepare<unknown[], PromptRow>(
        `select asset, time_length_seconds as timeLengthSeconds, start_at_ms as startAtMs,
                (select group_concat(regime, char(10)) from field_forecasts as done
                  where done.asset = prompts.asset and done.time_length_seconds = prompts.time_length_seconds
                    and done.start_at_ms = prompts.start_at_ms and done.model = :model
                    and (problem is null or problem not in (select value from json_each(:triedAgain)))) as regimes
         from (select asset, time_length_seconds, scored_at_ms - 1000 * time_length_seconds as start_at_ms
                 from field_prompts) as prompts
         where start_at_ms >= :fromMs and start_at_ms < :toMs
         order by start_at_ms, asset, time_length_seconds`,
      )
      .all({ fromMs, toMs, model, triedAgain })
      .map(({ regimes, ...prompt }) => ({ ...prompt, scoredUnder: regimes === null ? [] : regimes.split('\n') }))
  }

  listTotals({ assets, timeLengthSeconds, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, model }: ScoreFilter) {
    return this.#db
      .prepare<unknown[], TotalRow>(
        `select regime, asset, start_at_ms as startAtMs, time_length_seconds as timeLengthSeconds, competition, total,
                price_part as pricePart, volatility_part as volatilityPart, problem
         from field_forecasts
         where model = :model and start_at_ms >= :fromMs and start_at_ms < :toMs
           and (:assets is null or asset in (select value from json_each(:assets)))
           and (:timeLengthSeconds is null or time_length_seconds = :timeLengthSeconds)
         order by start_at_ms, asset, time_length_seconds, regime`,
      )
      .all({
        ...{ model, fromMs, toMs, timeLengthSeconds: timeLengthSeconds ?? null },
        assets: assets === undefined ? null : JSON.stringify(assets),
      })
      .map((row): StoredTotal => ({ predictionId: fieldPromptId(row), ...row }))
  }

  saveScores(scores: readonly PredictionScore[]): void {
    const insert = this.#db.prepare(
      `insert or replace into field_forecasts (asset, time_length_seconds, start_at_ms, model, regime, competition, total,
         price_part, volatility_part, problem, detail, scored_at_ms)
       values (:asset, :timeLengthSeconds, :startAtMs, :model, :regime, :competition, :total, :pricePart, :volatilityPart,
         :problem, :detail, :scoredAtMs)`,
    )
    try {
      this.#db
        .transaction(() => {
          for (const { predictionId: _, outcome, ...score } of scores) insert.run({ ...score, ...toColumns(outcome) })
        })
        .immediate()
    } catch (cause) {
      const message = messageOf(cause)
      throw new StoreError('SCORES_STORE_FAILED', `${scores.length} scores were not stored: ${message}.`, { cause })
    }
  }
}

function toColumns(outcome: PredictionScore['outcome']) {
  if (outcome.kind === 'problem') {
    const { problem, detail } = outcome
    return { total: null, pricePart: null, volatilityPart: null, problem, detail }
  }
  const { total, pricePart, volatilityPart } = outcome
  return { total, pricePart, volatilityPart, problem: null, detail: '' }
}
