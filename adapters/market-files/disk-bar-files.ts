import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet'
import { InputError } from '#core/base/errors/app-error'
import { messageOf } from '#core/base/errors/message-of'
import type { BarFiles } from '#core/market/bars/bar-files'

export const diskBarFiles: BarFiles = {
  list: (folder) => reading(folder, () => readdir(folder)),
  readBytes: (folder, name) => {
    const path = join(folder, name)
    return reading(path, async () => {
      const bytes = await readFile(path)
      return name.endsWith('.gz') ? gunzipSync(bytes) : bytes
    })
  },
  readColumns: (folder, name, columns) => {
    const path = join(folder, name)
    return reading(path, async () => {
      const buffer = await readFile(path)
      const file = buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength)
      const metadata = parquetMetadata(file)
      const known = parquetSchema(metadata).children.map((child) => child.element.name)
      const found = new Map(
        columns.filter((column) => known.includes(column)).map((column) => [column, [] as unknown[]]),
      )
      await parquetRead({
        file,
        metadata,
        columns: [...found.keys()],
        onChunk: ({ columnName, columnData, rowStart }) => {
          const column = found.get(columnName)!
          for (let i = 0; i < columnData.length; i += 1) column[rowStart + i] = columnData[i]
        },
      })
      return found
    })
  },
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw new InputError('INPUT_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}.`, { cause })
  }
}
