import { readFile } from 'node:fs/promises'
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { InputError } from '#core/base/errors/app-error'
import { minuteMs } from '#core/base/time/units'
import { MinuteBatch } from '#core/market/minutes/minute-batch'
import { MinuteRowCheck } from '#core/market/minutes/minute-row-check'

export interface MinuteColumns {
  readonly time: string
  readonly close: string
}

/**
 * Columns `ts` or `timestamp` (Unix seconds as an integer, or a timestamp) and `close` (double), or the named ones; others
 * are ignored. A row whose close is NaN or null says nothing about its minute.
 */
export async function readMinuteParquet(path: string, named?: MinuteColumns): Promise<MinuteBatch> {
  const buffer = await readFile(path)
  const bytes = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)
  const columns = await readColumns(path, bytes, named)
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

async function readColumns(
  path: string,
  file: ArrayBuffer,
  named: MinuteColumns | undefined,
): Promise<{ ts: unknown[]; close: unknown[] }> {
  let time = named?.time ?? 'ts'
  const close = named?.close ?? 'close'
  const columns: Record<string, unknown[]> = {}
  try {
    const metadata = parquetMetadata(file)
    const names = parquetSchema(metadata).children.map((child) => child.element.name)
    if (named === undefined && !names.includes(time) && names.includes('timestamp')) time = 'timestamp'
    for (const name of [time, close]) {
      if (!names.includes(name)) {
        throw new InputError('INPUT_INVALID', `${path}: it has no column "${name}" (it has: ${names.join(', ')}).`, {
          hint: 'Name the two columns with --columns TIME,CLOSE.',
        })
      }
      columns[name] = []
    }
    await parquetRead({
      file,
      metadata,
      columns: [time, close],
      onChunk: (chunk) => {
        const column = columns[chunk.columnName]!
        for (let i = 0; i < chunk.columnData.length; i += 1) column[chunk.rowStart + i] = chunk.columnData[i]
      },
    })
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw invalid(path, `it is not a Parquet file that can be read: ${cause instanceof Error ? cause.message : cause}`)
  }
  return { ts: columns[time]!, close: columns[close]! }
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
    if (price === null || price === undefined || Number.isNaN(price)) continue
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
