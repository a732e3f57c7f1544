import { barColumns } from '../bar-series.ts'
import { loadFolder } from './bar-folder.ts'
import type { DataSource } from './source.ts'

/** A folder of Parquet files with the columns `ts`, `close` and, all or none, `open`, `high`, `low`, `volume`. */
export const loadParquet: DataSource<'parquet'> = (config, assets, ports) =>
  loadFolder(config, assets, ports, ['.parquet'], async (name) => {
    const found = await ports.files.readColumns(config.folder, name, ['ts', ...barColumns])
    const needed = found.size === barColumns.length + 1 ? barColumns : (['close'] as const)
    const missing = ['ts', ...needed].filter((column) => !found.has(column))
    if (missing.length > 0) {
      const sentence = `it has no column ${missing.join(', ')}`
      const problem = { path: 'data', file: `${config.folder}/${name}`, sentence }
      return { rows: { openSeconds: [], columns: [], lines: [] }, problems: [problem] }
    }
    const openSeconds = found.get('ts')!.map(toSeconds)
    const columns = needed.map((column) => found.get(column)!.map(Number))
    return { rows: { openSeconds, columns, lines: openSeconds.map((_, i) => i + 1) }, problems: [] }
  })

/** Unix seconds, or a timestamp. */
function toSeconds(value: unknown): number {
  return value instanceof Date ? value.getTime() / 1000 : Number(value)
}
