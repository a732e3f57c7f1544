import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#core/base/errors/message-of'
import type { ParameterFolder, SetOrigin, SetProblem } from '#core/forecast/models/states/calibrated-sets'

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
