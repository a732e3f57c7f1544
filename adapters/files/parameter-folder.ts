import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#core/base/errors/message-of'
import {
  CalibratedSets,
  type ParameterFolder,
  type SetOrigin,
  type SetProblem,
} from '#core/forecast/models/states/calibrated-sets'
import { sha256Hex } from './output-file.ts'

export interface ParameterFolderPath {
  readonly path: string
  readonly origin: SetOrigin
}

export function publishedParameters(packageRoot: string): string {
  return join(packageRoot, 'models', 'published', 'calibrated')
}

/** The published sets, below the operator's own: the same in the miner and in a replay. */
export function calibratedFolders(packageRoot: string, ownFolder: string | undefined): readonly ParameterFolderPath[] {
  const published = { path: publishedParameters(packageRoot), origin: 'published' } as const
  return ownFolder === undefined ? [published] : [published, { path: ownFolder, origin: 'operator' }]
}

export function readCalibratedSets(folders: readonly ParameterFolderPath[]): CalibratedSets {
  return new CalibratedSets(
    folders.map(({ path, origin }) => readParameterFolder(path, origin)),
    sha256Hex,
  )
}

/** The parameter files of a folder. A file that cannot be read is reported; the others are used. */
export function readParameterFolder(folder: string, origin: SetOrigin): ParameterFolder {
  const files: { path: string; text: string }[] = []
  const problems: SetProblem[] = []
  for (const path of listJsonFiles(folder, problems)) {
    try {
      files.push({ path, text: readFileSync(path, 'utf8') })
    } catch (error) {
      problems.push({ path, reason: messageOf(error) })
    }
  }
  return { origin, files, problems }
}

function listJsonFiles(folder: string, problems: SetProblem[]): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.sort().map((name) => join(folder, name))
  } catch (error) {
    problems.push({ path: folder, reason: messageOf(error) })
    return []
  }
}
