import type { DataConfig } from '#models/compile/data-config'
import { loadCsv } from './sources/csv.ts'
import { loadMinutes } from './sources/minutes.ts'
import { loadMock } from './sources/mock.ts'
import { loadParquet } from './sources/parquet.ts'
import type { DataPorts, SeriesAnswer } from './sources/source.ts'

/** The series of all assets, or everything that is wrong with them. */
export function loadSeries(config: DataConfig, assets: readonly string[], ports: DataPorts): Promise<SeriesAnswer> {
  switch (config.use) {
    case 'csv':
      return loadCsv(config, assets, ports)
    case 'parquet':
      return loadParquet(config, assets, ports)
    case 'minutes':
      return loadMinutes(config, assets, ports)
    case 'mock':
      return loadMock(config, assets, ports)
  }
}
