import { createHash } from 'node:crypto'
import { diskBarFiles } from '#adapters/market-files/disk-bar-files'
import type { DataDeps } from '#models/data/prepare-data'
import type { DataPorts } from '#models/data/sources/source'
import { features } from '#tests/support/onnx-models'

/** The real files, no stored minutes, and a clock behind all data of the tests. */
export const dataPorts: DataPorts = {
  files: diskBarFiles,
  minutes: { readHigh: () => undefined },
  nowMs: Date.UTC(2027, 0, 1),
}

export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const dataDeps: DataDeps = { ports: dataPorts, features, hashBytes }
