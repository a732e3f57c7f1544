import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { PathMatrix } from '#core/synth/scoring/crps'

/**
 * The paths of one prompt in a Parquet file: a row a path and a column a point (a data frame of numbers), or one column of
 * lists with a path in each row.
 */
export async function readParquetPaths(name: string, bytes: Uint8Array): Promise<PathMatrix> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const columns = new Map<string, unknown[]>()
  try {
    const metadata = parquetMetadata(file)
    // pandas keeps an index in a column of its own.
    for (const { element } of parquetSchema(metadata).children)
      if (!element.name.startsWith('__')) columns.set(element.name, [])
    await parquetRead({
      file,
      metadata,
      columns: [...columns.keys()],
      onChunk: ({ columnName, columnData, rowStart }) => {
        const column = columns.get(columnName)!
        for (let i = 0; i < columnData.length; i += 1) column[rowStart + i] = columnData[i]
      },
    })
  } catch (cause) {
    throw new InputError('INPUT_INVALID', `${name} is not a Parquet file that can be read: ${messageOf(cause)}.`, {
      hint: 'Write it with snappy compression, the default of pandas, or without any.',
      cause,
    })
  }
  const data = [...columns.values()]
  const paths = data.length === 1 ? data[0]! : undefined
  if (paths !== undefined && paths.length > 0 && paths.every(isList)) return toMatrix(name, paths)
  const pathCount = data[0]?.length ?? 0
  const values = new Float64Array(pathCount * data.length)
  for (const [point, column] of data.entries()) {
    for (let path = 0; path < pathCount; path += 1) values[path * data.length + point] = toNumber(name, column[path])
  }
  return { values, pathCount, pointCount: data.length }
}

function toMatrix(name: string, paths: readonly ArrayLike<unknown>[]): PathMatrix {
  const pointCount = paths[0]!.length
  const values = new Float64Array(paths.length * pointCount)
  for (const [path, points] of paths.entries()) {
    if (points.length !== pointCount)
      throw new InputError('INPUT_INVALID', `${name}: path ${path + 1} has another length.`)
    for (let i = 0; i < pointCount; i += 1) values[path * pointCount + i] = toNumber(name, points[i])
  }
  return { values, pathCount: paths.length, pointCount }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)
}

function toNumber(name: string, value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (value === null || value === undefined) return Number.NaN
  throw new InputError('INPUT_INVALID', `${name}: a column holds something else than numbers or lists of numbers.`)
}
