import { z } from 'zod'
import { barColumns } from '../bar-series.ts'
import { folderSettings, loadFolder } from './bar-folder.ts'
import type { DataSource } from './source.ts'

const settings = z.strictObject({ use: z.literal('parquet'), ...folderSettings })

export const parquetSource: DataSource<typeof settings> = {
  description: 'A folder of Parquet files with the columns ts, close and optionally open, high, low, volume',
  settings,
  load: (given, assets, ports) =>
    loadFolder(given, assets, ports, ['.parquet'], async (name) => {
      const found = await ports.files.readColumns(given.folder, name, ['ts', ...barColumns])
      const needed = found.size === barColumns.length + 1 ? barColumns : (['close'] as const)
      const missing = ['ts', ...needed].filter((column) => !found.has(column))
      if (missing.length > 0) {
        const problem = {
          path: 'data',
          file: `${given.folder}/${name}`,
          sentence: `it has no column ${missing.join(', ')}`,
        }
        return { rows: { openSeconds: [], columns: [], lines: [] }, problems: [problem] }
      }
      const openSeconds = found.get('ts')!.map(toSeconds)
      const columns = needed.map((column) => found.get(column)!.map(Number))
      return { rows: { openSeconds, columns, lines: openSeconds.map((_, i) => i + 1) }, problems: [] }
    }),
}

/** Unix seconds, or a timestamp. */
function toSeconds(value: unknown): number {
  return value instanceof Date ? value.getTime() / 1000 : Number(value)
}
