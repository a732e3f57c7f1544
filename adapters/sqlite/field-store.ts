import type { Clock } from '#core/base/time/clock'
import {
  type FieldKind,
  type FieldMiner,
  type FieldPrompt,
  type FieldStore,
  type FieldWindow,
  mergeWindows,
} from '#core/tuning/shadow/field'
import type { Database } from './database.ts'

interface PromptRow {
  readonly scoredAtMs: number
  readonly minerCount: number
  readonly uids: Buffer
  readonly crps: Buffer
  readonly promptScores: Buffer
}

export class SqliteFieldStore implements FieldStore {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  save(kind: FieldKind, window: FieldWindow, prompts: readonly FieldPrompt[], refusedRows: number): void {
    const fetchedAtMs = this.#clock.nowMs()
    const insertPrompt = this.#db.prepare(
      `insert into field_prompts (asset, time_length_seconds, scored_at_ms, miner_count, uids, crps, prompt_scores,
         fetched_at_ms)
       values (:asset, :timeLengthSeconds, :scoredAtMs, :minerCount, :uids, :crps, :promptScores, :fetchedAtMs)
       on conflict do update set miner_count = excluded.miner_count, uids = excluded.uids, crps = excluded.crps,
         prompt_scores = excluded.prompt_scores, fetched_at_ms = excluded.fetched_at_ms`,
    )
    const insertWindow = this.#db.prepare(
      `insert into field_windows (asset, time_length_seconds, from_ms, to_ms, refused_rows, fetched_at_ms)
       values (:asset, :timeLengthSeconds, :fromMs, :toMs, :refusedRows, :fetchedAtMs)
       on conflict do update set refused_rows = excluded.refused_rows, fetched_at_ms = excluded.fetched_at_ms`,
    )
    this.#db.transaction(() => {
      for (const { scoredAtMs, miners } of prompts) {
        insertPrompt.run({ ...toKey(kind), scoredAtMs, fetchedAtMs, ...toBlobs(miners) })
      }
      insertWindow.run({ ...toKey(kind), fromMs: window.fromMs, toMs: window.toMs, refusedRows, fetchedAtMs })
    })()
  }

  read(kind: FieldKind, { fromMs, toMs }: FieldWindow): FieldPrompt[] {
    return this.#db
      .prepare<unknown[], PromptRow>(
        `select scored_at_ms as scoredAtMs, miner_count as minerCount, uids, crps, prompt_scores as promptScores
         from field_prompts
         where asset = :asset and time_length_seconds = :timeLengthSeconds and scored_at_ms between :fromMs and :toMs
         order by scored_at_ms`,
      )
      .all({ ...toKey(kind), fromMs, toMs })
      .map((row) => ({ ...toKey(kind), scoredAtMs: row.scoredAtMs, miners: toMiners(row) }))
  }

  listWindows(kind: FieldKind): FieldWindow[] {
    const windows = this.#db
      .prepare<unknown[], FieldWindow>(
        `select from_ms as fromMs, to_ms as toMs from field_windows
         where asset = :asset and time_length_seconds = :timeLengthSeconds`,
      )
      .all(toKey(kind))
    return mergeWindows(windows)
  }
}

function toKey({ asset, timeLengthSeconds }: FieldKind): FieldKind {
  return { asset, timeLengthSeconds }
}

function toBlobs(miners: readonly FieldMiner[]) {
  const minerCount = miners.length
  const uids = Buffer.alloc(2 * minerCount)
  const crps = Buffer.alloc(8 * minerCount)
  const promptScores = Buffer.alloc(8 * minerCount)
  miners.forEach((miner, index) => {
    uids.writeUInt16LE(miner.uid, 2 * index)
    crps.writeDoubleLE(miner.crps, 8 * index)
    promptScores.writeDoubleLE(miner.promptScore, 8 * index)
  })
  return { minerCount, uids, crps, promptScores }
}

function toMiners({ minerCount, uids, crps, promptScores }: PromptRow): FieldMiner[] {
  return Array.from({ length: minerCount }, (_, index) => ({
    uid: uids.readUInt16LE(2 * index),
    crps: crps.readDoubleLE(8 * index),
    promptScore: promptScores.readDoubleLE(8 * index),
  }))
}
