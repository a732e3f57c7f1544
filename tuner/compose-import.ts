import { join } from 'node:path'
import { sha256Hex } from '#adapters/files/output-file'
import { loadRegimeBook } from '#adapters/files/regime-file'
import { openDatabase } from '#adapters/sqlite/database'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SqlitePredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices, sha256Of } from '#adapters/sqlite/prices-blob'
import { openGovernance as openGovernanceFile } from '#adapters/sqlite/sound-governance'
import { SqliteVolatilityStateStore } from '#adapters/sqlite/volatility-state-store'
import { StoreError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import { servedText } from '#core/forecast/journal/export-line'
import { predictionId } from '#core/forecast/journal/prediction-id'
import type { PredictionRecord } from '#core/forecast/journal/prediction-record'
import { encodeState } from '#core/forecast/models/state'
import { bootstrapCloses } from '#core/forecast/models/states/ewma-track'
import { hashParameters } from '#core/forecast/parameters/parameters-hash'
import { PathKernel } from '#core/forecast/paths/kernel/path-kernel'
import { createPriceSourceLookup, createScoredSources } from '#core/market/venues/price-sources'
import type { SeedPrediction } from '#core/tuning/seed-import/read-seed-prediction'
import { historyEntries } from '#core/tuning/seed-import/seed-history'
import type { ImportContext } from './commands/import.ts'
import type { OpenDeps } from './compose-replay.ts'

/** Never the version of a sampler: their prices cannot be drawn again, and must be kept. */
const noSampler = 0
const waitMs = 30_000

/** Where an import goes. The daemon may have the database open, and write, at the same time. */
export function openImport({ clock, config, packageRoot }: OpenDeps): ImportContext {
  const migrationsDir = join(packageRoot, 'migrations')
  const db = openDatabase({ path: config.db.path, migrationsDir, clock, busyTimeoutMs: waitMs })
  const governance = openGovernanceFile({ path: config.db.path, migrationsDir, clock })
  const ledger = new SqliteLedgerStore(governance.db, governance.copy)
  const predictions = new SqlitePredictionStore(db, clock)
  const states = new SqliteVolatilityStateStore(db, clock)
  const isPresent = db.prepare<[string], number>('select 1 from predictions where id = ?').pluck()
  const kernel = new PathKernel()
  const book = loadRegimeBook(config.regimes.file)
  const sources = createPriceSourceLookup(createScoredSources(book, { pythHistory: config.market.pythHistory }))
  return {
    keep: (prediction) => {
      const text = servedText(prediction.prompt, prediction.paths, (target, offset, price) =>
        kernel.writePrices(target, offset, price),
      )
      if (text === undefined) return { problem: 'it has a price that no answer can carry' }
      const outputHash = sha256Of(text)
      const record = recordOf(prediction, outputHash)
      if (isPresent.get(record.id) !== undefined) return 'present'
      const prepared = preparePrices(text, outputHash)
      if (!prepared.ok) return { problem: prepared.reason }
      const written = predictions.write([{ record, prices: prepared.prices }], waitMs)
      // The next lines would fail too: a full disk is not a bad line.
      if (!written.ok) {
        const code = written.failure.kind === 'busy' ? 'STORE_BUSY' : 'STORE_OPEN_FAILED'
        throw new StoreError(code, `The predictions were not stored: ${written.failure.detail}.`)
      }
      return 'added'
    },
    keepHistory: (history) => {
      let refusal: string | undefined
      const added = ledger.append((entries) => {
        const made = historyEntries(entries, history, clock.nowMs())
        refusal = made.refusal
        return made.entries
      })
      const changes = added.filter(({ kind }) => kind === 'proposed').length
      return refusal === undefined ? { changes } : { changes, refusal }
    },
    keepStates: (found) => {
      const known = new Set(states.readAll().map((row) => (row.isIntact ? row.series.asset : row.asset)))
      const rows = found.flatMap((state) => {
        const source = sources(state.asset, clock.nowMs())
        if (source === undefined || known.has(state.asset)) return []
        const series = { asset: state.asset, venue: source.venue, symbol: source.symbol }
        // As one that is past its first hours; the first recorded minutes have it rebuilt.
        const counts = { closesTaken: bootstrapCloses(state.asset), closesStored: 0 }
        const seenToMs = state.lastCloseAtMs - minuteMs
        return [{ series, part: 'ewma' as const, text: encodeState(state), seenToMs, ...counts }]
      })
      states.save(rows)
      return rows.length
    },
    close: () => {
      governance.db.close()
      db.close()
    },
  }
}

function recordOf(prediction: SeedPrediction, outputHash: string): PredictionRecord {
  const { prompt, paths, forecast, parameters, modelVersion, reason, event, receivedAtMs, madeAtMs } = prediction
  const startPriceUsd = paths.values[0]!
  return {
    id: predictionId(prompt, outputHash),
    prompt,
    receivedAtMs,
    madeAtMs,
    reason,
    ...(event === undefined ? {} : { event }),
    rung: 'champion',
    model: {
      name: 'seed',
      version: modelVersion,
      parametersHash: hashParameters(parameters, sha256Hex),
      parameters,
    },
    isDegraded: false,
    price: { usd: startPriceUsd, publishedAtMs: receivedAtMs, venue: 'imported' },
    recipe: {
      samplerVersion: noSampler,
      forecast,
      startPriceUsd,
      seed: 0n,
      arrangement: { kind: 'independent' },
      flatFirstPath: false,
    },
    outputHash,
    stageMs: {},
  }
}
