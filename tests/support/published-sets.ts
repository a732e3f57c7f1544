import { join } from 'node:path'
import { calibratedFolders, readCalibratedSets } from '#adapters/files/parameter-folder'
import type { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'

/** The calibrated parameters that this release brings. */
export function publishedSets(): CalibratedSets {
  return readCalibratedSets(calibratedFolders(join(import.meta.dirname, '..', '..'), undefined))
}
