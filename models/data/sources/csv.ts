import { z } from 'zod'
import { readBarCsv } from '../bar-csv.ts'
import { folderSettings, loadFolder } from './bar-folder.ts'
import type { DataSource } from './source.ts'

const settings = z.strictObject({ use: z.literal('csv'), ...folderSettings })

export const csvSource: DataSource<typeof settings> = {
  description: 'A folder of CSV files, rows ts,close,open,high,low,volume or ts,close',
  settings,
  load: (given, assets, ports) =>
    loadFolder(given, assets, ports, ['.csv.gz', '.csv'], async (name) =>
      readBarCsv(`${given.folder}/${name}`, await ports.files.readBytes(given.folder, name)),
    ),
}
