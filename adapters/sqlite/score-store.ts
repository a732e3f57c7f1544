import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Statement } from 'better-sqlite3'
import { StoreError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { PredictionFilter } from '#core/forecast/journal/journal'
import type { PredictionFacts } from '#core/tuning/replay/prediction-facts'
import type { PredictionScore, ScoreOutcome, ScoreProblem, ScoreRows } from '#core/tuning/replay/prediction-score'
import type { ReplayCandidate, ScoreFilter, ScoreParts, ScoreStore, StoredTotal } from '#core/tuning/replay/score-store'
import type { Database } from './database.ts'

interface ScoreRow {
  readonly prediction_id: string
  readonly regime: string
  readonly model: string
  readonly asset: string
  readonly start_at_ms: number
  readonly time_length_seconds: number
  readonly competition: string
  readonly total: number | null
  readonly price_part: number | null
  readonly volatility_part: number | null
  readonly problem: string | null
  readonly rows: string
  readonly facts: Buffer | null
  readonly scored_at_ms: number
}

const totalColumns = `prediction_id, regime, asset, start_at_ms, time_length_seconds, competition,
  total, price_part, volatility_part, problem`
const ofFilter = `start_at_ms >= :fromMs and start_at_ms < :toMs
  and (:assets is null or asset in (select value from json_each(:assets)))
  and (:timeLengthSeconds is null or time_length_seconds = :timeLengthSeconds)`
const ofScores = `model = :model and ${ofFilter}
  and (:regimes is null or regime in (select value from json_each(:regimes)))
  and (:competition is null or competition = :competition)`
/** Facts are sums of small counts: the fastest level already compresses them to a fifth. */
const deflateLevel = 1

export class SqliteScoreStore implements ScoreStore {
  readonly #candidates: Statement<[Record<string, unknown>], CandidateRow>
  readonly #totals: Statement<[Record<string, unknown>], ScoreRow>
  readonly #parts: Statement<[Record<string, unknown>], ScoreRow>
  readonly #scores: Statement<[Record<string, unknown>], ScoreRow>
  readonly #ofPrediction: Statement<[string], ScoreRow>
  readonly #assets: Statement<[], string>
  readonly #models: Statement<[], string>
  readonly #upsert: Statement
  readonly #saveAll: (scores: readonly PredictionScore[]) => void

  constructor(db: Database) {
    this.#candidates = db.prepare(
      `select id, asset, start_at_ms, time_length_seconds, time_increment_seconds,
              (select group_concat(regime, char(10)) from prediction_scores
                where prediction_id = predictions.id and model = :model) as regimes
         from predictions where ${ofFilter} order by start_at_ms, asset, id`,
    )
    const order = 'order by start_at_ms, asset, prediction_id, regime'
    this.#totals = db.prepare(`select ${totalColumns} from prediction_scores where ${ofScores} ${order}`)
    this.#parts = db.prepare(`select ${totalColumns}, rows from prediction_scores where ${ofScores} ${order}`)
    this.#scores = db.prepare(`select * from prediction_scores where ${ofScores} ${order}`)
    this.#ofPrediction = db.prepare('select * from prediction_scores where prediction_id = ? order by model, regime')
    this.#assets = db.prepare<[], string>('select distinct asset from predictions order by asset').pluck()
    this.#models = db.prepare<[], string>('select distinct model from prediction_scores order by model').pluck()
    // The same score again leaves the row unchanged: a replay without news writes nothing.
    this.#upsert = db.prepare(
      `insert into prediction_scores (prediction_id, regime, model, asset, start_at_ms, time_length_seconds, competition,
                                      total, price_part, volatility_part, problem, rows, facts, scored_at_ms)
       select :predictionId, :regime, :model, :asset, :startAtMs, :timeLengthSeconds, :competition,
              :total, :pricePart, :volatilityPart, :problem, :rows, :facts, :scoredAtMs
        -- Retention may have removed the prediction while it was scored.
        where exists (select 1 from predictions where id = :predictionId)
       on conflict (prediction_id, regime, model) do update
          set competition = excluded.competition, total = excluded.total, price_part = excluded.price_part,
              volatility_part = excluded.volatility_part, problem = excluded.problem, rows = excluded.rows,
              facts = excluded.facts, scored_at_ms = excluded.scored_at_ms
        where (competition, total, price_part, volatility_part, problem, rows, facts)
              is not (excluded.competition, excluded.total, excluded.price_part, excluded.volatility_part,
                      excluded.problem, excluded.rows, excluded.facts)`,
    )
    this.#saveAll = db.transaction((scores: readonly PredictionScore[]) => {
      for (const score of scores) this.#upsert.run(toParameters(score))
    }).immediate
  }

  saveScores(scores: readonly PredictionScore[]): void {
    try {
      this.#saveAll(scores)
    } catch (cause) {
      const message = messageOf(cause)
      throw new StoreError('SCORES_STORE_FAILED', `${scores.length} scores were not stored: ${message}.`, { cause })
    }
  }

  listCandidates(filter: PredictionFilter, model: string): readonly ReplayCandidate[] {
    return this.#candidates.all({ ...toFilter(filter), model }).map((row) => ({
      id: row.id,
      asset: row.asset,
      startAtMs: row.start_at_ms,
      timeLengthSeconds: row.time_length_seconds,
      stepSeconds: row.time_increment_seconds,
      scoredUnder: row.regimes === null ? [] : row.regimes.split('\n'),
    }))
  }

  listTotals(filter: ScoreFilter): readonly StoredTotal[] {
    return this.#totals.all(toScoreFilter(filter)).map(toTotal)
  }

  listParts(filter: ScoreFilter): readonly ScoreParts[] {
    return this.#parts.all(toScoreFilter(filter)).map((row) => ({ ...toTotal(row), rows: toRows(row) }))
  }

  listScores(filter: ScoreFilter): readonly PredictionScore[] {
    return this.#scores.all(toScoreFilter(filter)).map(toScore)
  }

  findScores(predictionId: string): readonly PredictionScore[] {
    return this.#ofPrediction.all(predictionId).map(toScore)
  }

  listAssets(): readonly string[] {
    return this.#assets.all()
  }

  listModels(): readonly string[] {
    return this.#models.all()
  }
}

interface CandidateRow {
  readonly id: string
  readonly asset: string
  readonly start_at_ms: number
  readonly time_length_seconds: number
  readonly time_increment_seconds: number
  readonly regimes: string | null
}

function toFilter({ assets, timeLengthSeconds, fromMs, toMs }: PredictionFilter) {
  return {
    assets: assets === undefined ? null : JSON.stringify(assets),
    timeLengthSeconds: timeLengthSeconds ?? null,
    fromMs: fromMs ?? Number.MIN_SAFE_INTEGER,
    toMs: toMs ?? Number.MAX_SAFE_INTEGER,
  }
}

function toScoreFilter({ model, regimes, competition, ...filter }: ScoreFilter) {
  return {
    ...toFilter(filter),
    model,
    regimes: regimes === undefined ? null : JSON.stringify(regimes),
    competition: competition ?? null,
  }
}

function toParameters({ outcome, ...score }: PredictionScore) {
  if (outcome.kind === 'problem') {
    const problem = outcome.detail === '' ? outcome.problem : `${outcome.problem}: ${outcome.detail}`
    return { ...score, total: null, pricePart: null, volatilityPart: null, problem, rows: '{}', facts: null }
  }
  return {
    ...score,
    total: outcome.total,
    pricePart: outcome.pricePart,
    volatilityPart: outcome.volatilityPart,
    problem: null,
    rows: JSON.stringify(outcome.rows),
    facts: deflateRawSync(JSON.stringify(outcome.facts), { level: deflateLevel }),
  }
}

function toTotal(row: ScoreRow): StoredTotal {
  return {
    predictionId: row.prediction_id,
    regime: row.regime,
    asset: row.asset,
    startAtMs: row.start_at_ms,
    timeLengthSeconds: row.time_length_seconds,
    competition: row.competition,
    total: row.total,
    pricePart: row.price_part,
    volatilityPart: row.volatility_part,
    problem: row.problem === null ? null : readProblem(row.problem).problem,
  }
}

function toScore(row: ScoreRow): PredictionScore {
  return {
    predictionId: row.prediction_id,
    regime: row.regime,
    model: row.model,
    asset: row.asset,
    startAtMs: row.start_at_ms,
    timeLengthSeconds: row.time_length_seconds,
    competition: row.competition,
    outcome: toOutcome(row),
    scoredAtMs: row.scored_at_ms,
  }
}

function toOutcome(row: ScoreRow): ScoreOutcome {
  if (row.total === null || row.price_part === null || row.facts === null) {
    return { kind: 'problem', ...readProblem(row.problem ?? 'notFinite') }
  }
  return {
    kind: 'scored',
    total: row.total,
    pricePart: row.price_part,
    volatilityPart: row.volatility_part,
    rows: toRows(row),
    facts: JSON.parse(inflateRawSync(row.facts).toString()) as PredictionFacts,
  }
}

/** Of a problem, `{}`. */
function toRows({ rows }: ScoreRow): ScoreRows {
  return { price: [], volatility: [], ...(JSON.parse(rows) as Partial<ScoreRows>) }
}

function readProblem(text: string): { readonly problem: ScoreProblem; readonly detail: string } {
  const at = text.indexOf(': ')
  if (at < 0) return { problem: text as ScoreProblem, detail: '' }
  return { problem: text.slice(0, at) as ScoreProblem, detail: text.slice(at + 2) }
}
