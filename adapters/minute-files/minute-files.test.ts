import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { AppError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import type { MinuteBatch } from '#core/market/minutes/minute-batch'
import { dayOf, slotOf } from '#core/market/minutes/minute-day'
import type { MinuteFileFormat } from '#core/market/minutes/minute-file-format'
import { temporaryFolder } from '#tests/support/temporary-folder'
import { readMinuteFile } from './read-minute-file.ts'
import { writeMinuteFile } from './write-minute-file.ts'

const fromMs = Date.UTC(2026, 8, 22, 23, 58)
const slots = Float64Array.of(0.1 + 0.2, Number.NaN, 0, 116_400.25, 5e-7)

function slotsOf(batch: MinuteBatch): number[] {
  return Array.from(slots, (_, i) => {
    const atMs = fromMs + i * minuteMs
    return batch.days.get(dayOf(atMs))?.[slotOf(atMs)] ?? 0
  })
}

async function complaint(path: string): Promise<string> {
  return readMinuteFile(path).then(
    () => 'accepted',
    (error: unknown) => (error instanceof AppError ? `${error.exitCode} ${error.message}` : `not ours: ${error}`),
  )
}

function aParquet(path: string, columns: Record<string, { data: unknown[]; type: 'INT64' | 'DOUBLE' | 'TIMESTAMP' }>) {
  const columnData = Object.entries(columns).map(([name, column]) => ({ name, ...column }))
  writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })))
}

describe.each<MinuteFileFormat>(['csv', 'csv.gz', 'parquet'])('a file in %s', (format) => {
  it('holds every close bit for bit and leaves out the rest', async () => {
    const folder = temporaryFolder()
    const path = join(folder, `BTC.${format}`)
    expect(await writeMinuteFile(path, { fromMs, slots }, format)).toBe(3)
    expect(slotsOf(await readMinuteFile(path))).toEqual([0.1 + 0.2, 0, 0, 116_400.25, 5e-7])
    expect(readdirSync(folder)).toEqual([`BTC.${format}`])
  })
  it('is refused when it is cut off', async () => {
    const path = join(temporaryFolder(), `BTC.${format}`)
    const many = Float64Array.from({ length: 5_000 }, (_, i) => 100 + i / 7)
    await writeMinuteFile(path, { fromMs, slots: many }, format)
    truncateSync(path, Math.floor(readFileSync(path).length * 0.6))
    expect(await complaint(path)).toMatch(/^65 .*BTC[.](csv|csv[.]gz|parquet)/)
  })
})

describe('readMinuteFile', () => {
  it('writes plain text that other programs read', async () => {
    const path = join(temporaryFolder(), 'BTC.csv.gz')
    await writeMinuteFile(path, { fromMs, slots: slots.subarray(3) }, 'csv.gz')
    expect(gunzipSync(readFileSync(path)).toString()).toBe(
      `ts,close\n${fromMs / 1_000},116400.25\n${fromMs / 1_000 + 60},5e-7\n`,
    )
  })
  it('says which line of a zipped file is wrong', async () => {
    const path = join(temporaryFolder(), 'a.csv.gz')
    writeFileSync(path, gzipSync(`ts,close\n${fromMs / 1_000},1\n${fromMs / 1_000},1\n`))
    expect(await complaint(path)).toContain('a.csv.gz, line 3: ts 1790121480 is in the file twice')
  })
  it('reads the seconds of a Parquet file as integers or as timestamps', async () => {
    const path = join(temporaryFolder(), 'a.parquet')
    const times = [fromMs, fromMs + 3 * minuteMs]
    aParquet(path, {
      ts: { data: times.map((time) => new Date(time)), type: 'TIMESTAMP' },
      close: { data: [1.5, 2.5], type: 'DOUBLE' },
    })
    expect(slotsOf(await readMinuteFile(path))).toEqual([1.5, 0, 0, 2.5, 0])
  })
  it("reads the subnet team's Parquet, and asks for other names", async () => {
    const path = join(temporaryFolder(), 'a.parquet')
    const times = [fromMs, fromMs + minuteMs, fromMs + 3 * minuteMs].map((time) => new Date(time))
    aParquet(path, {
      timestamp: { data: times, type: 'TIMESTAMP' },
      close: { data: [1.5, Number.NaN, 2.5], type: 'DOUBLE' },
    })
    expect(slotsOf(await readMinuteFile(path))).toEqual([1.5, 0, 0, 2.5, 0])
    aParquet(path, { when: { data: times, type: 'TIMESTAMP' }, last: { data: [1.5, 2, 2.5], type: 'DOUBLE' } })
    expect(slotsOf(await readMinuteFile(path, { time: 'when', close: 'last' }))).toEqual([1.5, 2, 0, 2.5, 0])
    await expect(readMinuteFile(path)).rejects.toMatchObject({
      hint: 'Name the two columns with --columns TIME,CLOSE.',
    })
  })
  it('names the row of a Parquet file that is wrong', async () => {
    const path = join(temporaryFolder(), 'a.parquet')
    const ts = (...offsets: number[]) => ({
      data: offsets.map((offset) => BigInt(fromMs / 1_000 + offset)),
      type: 'INT64' as const,
    })
    aParquet(path, { ts: ts(0, 60), close: { data: [1, -1], type: 'DOUBLE' } })
    expect(await complaint(path)).toMatch(/^65 .*a[.]parquet: row 2: close is not a finite number above zero/)
    aParquet(path, { ts: ts(0, 61), close: { data: [1, 1], type: 'DOUBLE' } })
    expect(await complaint(path)).toMatch(/row 2: ts \d+ is off the grid/)
    aParquet(path, { time: ts(0, 60), close: { data: [1, 1], type: 'DOUBLE' } })
    expect(await complaint(path)).toMatch(/it has no column "ts" [(]it has: time, close[)]/)
  })
  it('explains a file that is not there and one that is no gzip', async () => {
    const folder = temporaryFolder()
    expect(await complaint(join(folder, 'none.csv'))).toMatch(/^65 .*none[.]csv cannot be read: ENOENT/)
    expect(await complaint(join(folder, 'none.csv.gz'))).toMatch(/^65 .*none[.]csv[.]gz cannot be read: ENOENT/)
    expect(await complaint(join(folder, 'none.parquet'))).toMatch(/^65 .*none[.]parquet cannot be read: ENOENT/)
    writeFileSync(join(folder, 'plain.csv.gz'), 'ts,close\n')
    expect(await complaint(join(folder, 'plain.csv.gz'))).toMatch(/is not a complete gzip file: incorrect header check/)
  })
})
