import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder above a module: the same from the source tree and from dist/, which has a package.json too. */
export function findPackageRoot(moduleUrl: string): string {
  let folder = dirname(fileURLToPath(moduleUrl))
  while (!existsSync(join(folder, 'migrations'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`No migrations folder above ${fileURLToPath(moduleUrl)}`)
    folder = parent
  }
  return folder
}
