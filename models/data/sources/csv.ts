import { readBarCsv } from '../bar-csv.ts'
import { loadFolder } from './bar-folder.ts'
import type { DataSource } from './source.ts'

/** A folder of CSV files, rows `ts,close,open,high,low,volume` or `ts,close`. */
export const loadCsv: DataSource<'csv'> = (config, assets, ports) =>
  loadFolder(config, assets, ports, ['.csv.gz', '.csv'], async (name) =>
    readBarCsv(`${config.folder}/${name}`, await ports.files.readBytes(config.folder, name)),
  )
