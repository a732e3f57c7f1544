import { readFile } from 'node:fs/promises'
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { InputError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { MinuteRowCheck } from '#core/market/minutes/minute-row-check'

/** Columns `ts` (Unix seconds as an integer, or a timestamp) and `close` (double); others are ignored. */
export async function readMinuteParquet(path: string): Promise<MinuteBatch> {
  const buffer = await readFile(path)
  const bytes = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)
  const columns = await readColumns(path, bytes)
  return toBatch(path, columns.ts, columns.close)
}

/** The file's bytes; snappy, which every reader of Parquet knows. */
export function writeMinuteParquet(minutes: { openAtMs: Float64Array; close: Float64Array }): Uint8Array {
  const file = parquetWriteBuffer({
    columnData: [
      { name: 'ts', data: Array.from(minutes.openAtMs, (openAtMs) => BigInt(openAtMs / 1_000)), type: 'INT64' },
      { name: 'close', data: minutes.close, type: 'DOUBLE' },
    ],
  })
  return new Uint8Array(file)
}

async function readColumns(path: string, file: ArrayBuffer): Promise<{ ts: unknown[]; close: unknown[] }> {
  const columns: Record<string, unknown[]> = { ts: [], close: [] }
  try {
    const metadata = parquetMetadata(file)
    const names = parquetSchema(metadata).children.map((child) => child.element.name)
    for (const name of ['ts', 'close']) {
      if (!names.includes(name)) throw invalid(path, `it has no column "${name}" (it has: ${names.join(', ')})`)
    }
    await parquetRead({
      file,
      metadata,
      columns: ['ts', 'close'],
      onChunk: (chunk) => {
        const column = columns[chunk.columnName]!
        for (let i = 0; i < chunk.columnData.length; i += 1) column[chunk.rowStart + i] = chunk.columnData[i]
      },
    })
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw invalid(path, `it is not a Parquet file that can be read: ${cause instanceof Error ? cause.message : cause}`)
  }
  return { ts: columns['ts']!, close: columns['close']! }
}

function toBatch(path: string, ts: readonly unknown[], close: readonly unknown[]): MinuteBatch {
  if (ts.length !== close.length) throw invalid(path, `${ts.length} rows of ts but ${close.length} of close`)
  const batch = new MinuteBatch()
  let row = 0
  const fail = (message: string): never => {
    throw invalid(path, `row ${row}: ${message}`)
  }
  const check = new MinuteRowCheck(fail)
  for (let i = 0; i < ts.length; i += 1) {
    row = i + 1
    const openSeconds = toSeconds(ts[i])
    const price = close[i]
    if (openSeconds === undefined) return fail('ts is neither a whole Unix second nor a timestamp')
    if (typeof price !== 'number' || !(price > 0 && price < Number.POSITIVE_INFINITY)) {
      return fail('close is not a finite number above zero')
    }
    check.take(openSeconds)
    batch.setClose(openSeconds * 1_000, price)
  }
  check.finish()
  return batch
}

function toSeconds(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime() % minuteMs === 0 ? value.getTime() / 1_000 : undefined
  const seconds = typeof value === 'bigint' ? Number(value) : value
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) ? seconds : undefined
}

function invalid(path: string, what: string): InputError {
  return new InputError('INPUT_INVALID', `${path}: ${what}.`, {
    hint: 'Correct the file and import it again; nothing of it was stored.',
  })
}
