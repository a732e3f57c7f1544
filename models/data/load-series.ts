import { z } from 'zod'
import { csvSource } from './sources/csv.ts'
import { minutesSource } from './sources/minutes.ts'
import { mockSource } from './sources/mock.ts'
import { parquetSource } from './sources/parquet.ts'
import type { DataPorts, SeriesAnswer } from './sources/source.ts'

/** The section `data` of a recipe. */
export const dataConfigSchema = z.discriminatedUnion('use', [
  mockSource.settings,
  csvSource.settings,
  parquetSource.settings,
  minutesSource.settings,
])

export type DataConfig = z.output<typeof dataConfigSchema>

/** The series of all assets, or everything that is wrong with them. */
export function loadSeries(config: DataConfig, assets: readonly string[], ports: DataPorts): Promise<SeriesAnswer> {
  switch (config.use) {
    case 'mock':
      return mockSource.load(config, assets, ports)
    case 'csv':
      return csvSource.load(config, assets, ports)
    case 'parquet':
      return parquetSource.load(config, assets, ports)
    case 'minutes':
      return minutesSource.load(config, assets, ports)
  }
}
