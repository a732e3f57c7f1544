import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeLines } from '#adapters/files/output-file'
import { openDatabase, openDatabaseToRead } from '#adapters/sqlite/database'
import { SqlitePredictionChain } from '#adapters/sqlite/prediction-chain'
import { SqliteJournalReader } from '#adapters/sqlite/prediction-reader'
import { SqlitePredictionStore } from '#adapters/sqlite/prediction-store'
import { preparePrices } from '#adapters/sqlite/prices-blob'
import { AppError } from '#core/base/errors/app-error'
import { hourSeconds } from '#core/base/time/units'
import { predictionId } from '#core/forecast/journal/prediction-id'
import { aServed, pathTools, type ServedOptions, someParameters } from '#tests/support/served-prediction'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { TestClock } from '#tests/support/test-clock'
import { addJournalCommand } from './journal.ts'

const migrationsDir = join(import.meta.dirname, '..', '..', 'migrations')
const noonSeconds = Date.UTC(2026, 8, 22, 12) / 1_000

function aTuner() {
  const folder = temporaryFolder()
  const path = join(folder, 'db.sqlite')
  const clock = new TestClock()
  const db = openDatabase({ path, migrationsDir, clock })
  onTestFinished(() => void db.close())
  const store = new SqlitePredictionStore(db, clock)
  const keep = (options: ServedOptions, changes: { samplerVersion?: number; withPrices?: boolean } = {}) => {
    const { served, outputJson } = aServed(options)
    const preparation = preparePrices(outputJson, served.outputHash)
    if (!preparation.ok) throw new Error(preparation.reason)
    const id = predictionId(served.prompt, served.outputHash)
    const { samplerVersion = 1, withPrices = true } = changes
    const record = { ...served, recipe: { ...served.recipe, samplerVersion }, id, reason: 'interval' as const }
    store.write([{ record, prices: withPrices ? preparation.prices : undefined }], 0)
    return { id, outputJson }
  }
  const run = async (...words: string[]) => {
    const lines: string[] = []
    const warnings: string[] = []
    const program = new Command('tuner').exitOverride().configureOutput({ writeErr: () => {} })
    addJournalCommand(program, {
      open: () => {
        const own = openDatabaseToRead({ path, lastMigration: 50 })
        return {
          reader: new SqliteJournalReader(own, pathTools),
          chain: SqlitePredictionChain.find(own),
          writePrices: pathTools.writePrices,
          close: () => own.close(),
        }
      },
      terminal: {
        write: (line) => lines.push(line),
        warn: (line) => warnings.push(line),
        columns: 80,
        hasColor: false,
      },
      assets: () => ['BTC', 'ETH', 'XAU'],
      clock,
      hashText: (text) => createHash('sha256').update(text).digest('hex'),
      writeLines,
    })
    for (const command of program.commands.flatMap((top) => [top, ...top.commands]))
      command.copyInheritedSettings(program)
    try {
      await program.parseAsync(['journal', ...words], { from: 'user' })
      return { lines, warnings, error: '', exitCode: 0 }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { lines, warnings, error: `${error.code}: ${error.message} ${error.hint}`, exitCode: error.exitCode }
    }
  }
  return { folder, db, keep, run }
}

describe('journal status', () => {
  it('counts by asset and horizon, and says how many prices are stored', async () => {
    const { keep, run } = aTuner()
    keep({ prompt: { asset: 'ETH' } })
    keep({ prompt: { startAtSeconds: noonSeconds + 3_600 } })
    keep({ seed: 2n }, { withPrices: false })
    const { lines } = await run('status')
    expect(lines[0]).toMatch(/^3 predictions, 0[.]\d MB of prices$/)
    expect(lines.slice(3, 5)).toEqual([
      expect.stringMatching(/^BTC {5}1h {13}2 {7}1 +0[.]0 {2}2026-09-22 12:00 {2}2026-09-22 13:00$/),
      expect.stringMatching(/^ETH {5}1h {13}1 {7}1 /),
    ])
    const json = JSON.parse((await run('status', '--json')).lines.join('\n')) as { series: unknown[] }
    expect(json.series[0]).toMatchObject({ asset: 'BTC', lengthSeconds: 3_600, count: 2, withPaths: 1 })
  })
  it('says that there is nothing yet', async () => {
    expect((await aTuner().run('status')).lines).toEqual(['The journal is empty.'])
  })
})

describe('journal list', () => {
  it('names the newest last, of what was asked for', async () => {
    const { keep, run } = aTuner()
    const ids = [0, 1, 2].map((hour) => keep({ prompt: { startAtSeconds: noonSeconds + hour * hourSeconds } }).id)
    keep({ prompt: { asset: 'ETH' } })
    const day = keep({ prompt: { lengthSeconds: 86_400, stepSeconds: 300, pathCount: 3 } }).id
    const names = async (...words: string[]) => (await run('list', ...words)).lines.map((line) => line.split(' ')[0])
    expect(await names('--asset', 'BTC', '--prompt', 'high')).toEqual(ids)
    expect(await names('--asset', 'BTC', '--prompt', 'high', '--count', '2')).toEqual(ids.slice(1))
    expect(await names('--prompt', 'low')).toEqual([day])
    expect(await names('--from', '2026-09-22T13:00Z', '--to', '2026-09-22T14:00Z')).toEqual([ids[1]])
    expect((await run('list', '--count', '1')).warnings).toEqual(['and 4 older ones; --count shows more'])
    expect((await run('list', '--from', 'yesterday')).error).toMatch(/^USAGE: --from "yesterday" is not an instant[.]/)
  })
})

describe('journal show', () => {
  it('shows the fields and where the prices come from', async () => {
    const { keep, run } = aTuner()
    const stored = keep({}).id
    const made = keep({ seed: 2n }, { withPrices: false }).id
    const lost = keep({ seed: 3n }, { withPrices: false, samplerVersion: 99 }).id
    const show = async (id: string) =>
      JSON.parse((await run('show', id, '--json')).lines.join('\n')) as Record<string, unknown>
    expect(await show(stored)).toMatchObject({ asset: 'BTC', prices: { readable: true, from: 'stored' } })
    expect(await show(made)).toMatchObject({ prices: { from: 'made again', pathCount: 20, pointCount: 61 } })
    expect(await show(lost)).toMatchObject({ prices: { readable: false, reason: 'otherSampler' } })
    const { lines } = await run('show', stored)
    expect(lines[0]).toBe(stored)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })
  it('names the tuned numbers of the calibrated model, as a proposal does', async () => {
    const { keep, run } = aTuner()
    const calibrated = { low: { tail: 1.1 }, high: { level: 1.05, levelSd: 0.9 } }
    const { id } = keep({ parameters: { ...someParameters, calibrated } })
    expect((await run('show', id)).lines).toContain('  tuned     level_high 1.05, level_sd_high 0.9')
    const { lines } = await run('show', keep({ seed: 2n }).id)
    expect(lines.join('\n')).not.toContain('tuned')
  })
  it('knows the name that was meant', async () => {
    const { keep, run } = aTuner()
    const { id } = keep({})
    const { error, exitCode } = await run('show', `${id.slice(0, -1)}x`)
    expect([error, exitCode]).toEqual([expect.stringContaining(`Did you mean ${id}?`), 64])
  })
})

describe('journal verify', () => {
  it('says what it has checked, and finds a hash that was noted before', async () => {
    const { keep, run } = aTuner()
    expect((await run('verify')).lines).toEqual(['The chain is intact: 0 entries.', `  last hash ${'0'.repeat(64)}`])
    keep({})
    const { headHash } = JSON.parse((await run('verify', '--json')).lines.join('\n')) as { headHash: string }
    keep({ seed: 2n })
    const { lines, exitCode } = await run('verify', '--hash', headHash.toUpperCase())
    expect(lines.slice(0, 2)).toEqual([
      'The chain is intact: 2 entries.',
      '  entry 1 has the given hash, 1 came after it',
    ])
    expect([exitCode, lines.filter((line) => line.length > 80)]).toEqual([0, []])
  })
  it('ends with 65 and names the record that was changed, also as JSON', async () => {
    const { db, keep, run } = aTuner()
    const { id } = keep({})
    db.exec('update predictions set price_usd = price_usd + 1')
    const { error, exitCode, lines } = await run('verify')
    expect(error).toContain(`JOURNAL_CHAIN_BROKEN: Entry 1 (${id}): its record is not the one that was written.`)
    expect([exitCode, lines]).toEqual([65, []])
    const json = await run('verify', '--json')
    expect(JSON.parse(json.lines.join('\n'))).toMatchObject({ isSound: false, problems: [expect.any(String)] })
    expect(json.exitCode).toBe(65)
    expect((await run('verify', '--hash', '0'.repeat(64))).error).toContain('No entry has the hash 000')
  })
  it('refuses what cannot be a hash, and says when there is no chain yet', async () => {
    const { db, run } = aTuner()
    await expect(run('verify', '--hash', 'abc')).rejects.toThrow('It must be 64 hex digits')
    db.exec('drop table prediction_chain')
    expect(await run('verify')).toMatchObject({
      exitCode: 65,
      error: expect.stringContaining('no chain yet') as string,
    })
  })
})

describe('journal export', () => {
  it('writes one line each, the prices as they were served', async () => {
    const { folder, keep, run } = aTuner()
    const first = keep({})
    const second = keep({ prompt: { startAtSeconds: noonSeconds + 3_600 } }, { withPrices: false })
    const out = join(folder, 'out', 'predictions.jsonl')
    expect((await run('export', '--out', out)).lines).toEqual([`${out}: 2 predictions`])
    const lines = readFileSync(out, 'utf8').trim().split('\n')
    for (const [i, { outputJson }] of [first, second].entries()) {
      const output = JSON.parse(new TextDecoder().decode(outputJson)) as unknown[]
      expect(JSON.parse(lines[i]!)).toMatchObject({ asset: 'BTC', log_reason: 'interval', paths: output.slice(2) })
    }
    const bare = await run('export', '--no-paths')
    expect(bare.lines.map((line) => 'paths' in (JSON.parse(line) as object))).toEqual([false, false])
  })
  it('exports the rest and says so when prices are lost', async () => {
    const { keep, run } = aTuner()
    keep({})
    const { id } = keep({ seed: 3n }, { withPrices: false, samplerVersion: 99 })
    const { lines, warnings, error, exitCode } = await run('export')
    expect(lines.filter((line) => 'paths' in (JSON.parse(line) as object))).toHaveLength(1)
    expect(warnings[0]).toContain(id)
    expect([error, exitCode]).toEqual([
      expect.stringContaining('The prices of 1 of 2 predictions are no longer available'),
      1,
    ])
  })
})
