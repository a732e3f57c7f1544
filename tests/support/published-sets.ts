import { join } from 'node:path'
import { sha256Hex } from '#adapters/files/output-file'
import { readParameterFolder } from '#adapters/files/parameter-folder'
import { CalibratedSets } from '#core/forecast/models/states/calibrated-sets'

/** The calibrated parameters that this release brings. */
export function publishedSets(): CalibratedSets {
  const folder = join(import.meta.dirname, '..', '..', 'models', 'published', 'calibrated')
  return new CalibratedSets([readParameterFolder(folder, 'published')], sha256Hex)
}
