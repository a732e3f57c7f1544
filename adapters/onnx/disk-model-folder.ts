import { existsSync, readdirSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ModelFolder } from '#core/forecast/models/onnx/inspect-model'

/** Manifests have a few kilobytes and golden files a few hundred; a larger file was put there by mistake. */
const largestTextBytes = 8_000_000

/** `<name>/manifest.json` with its model beside it. */
export class DiskModelFolder implements ModelFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async list(): Promise<readonly string[] | undefined> {
    try {
      const names = (await readdir(this.path)).filter((name) => !name.startsWith('.')).sort()
      const areModels = await Promise.all(names.map((name) => this.#isModel(name)))
      return names.filter((_, i) => areModels[i])
    } catch {
      return undefined
    }
  }

  /** A folder with other things in it is not a model; a folder with half of a model is, so that somebody is told. */
  async #isModel(name: string): Promise<boolean> {
    try {
      const files = await readdir(join(this.path, name))
      return files.some((file) => file === 'manifest.json' || file.endsWith('.onnx'))
    } catch {
      return false
    }
  }

  async readText(model: string, file: string): Promise<string | undefined> {
    const path = this.pathOf(model, file)
    try {
      if ((await stat(path)).size > largestTextBytes) return undefined
      return await readFile(path, 'utf8')
    } catch {
      return undefined
    }
  }

  pathOf(model: string, file: string): string {
    return join(this.path, model, file)
  }
}

/** The names that a champion may have for the models of a folder; none if it cannot be read. */
export function listOnnxNames(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => existsSync(join(path, name, 'manifest.json')))
      .map((name) => `onnx:${name}`)
      .sort()
  } catch {
    return []
  }
}

/** The folder of models, or the folder of one model, whose name is then `only`. */
export function openModelFolder(path: string): { readonly folder: DiskModelFolder; readonly only?: string } {
  const whole = resolve(path)
  return existsSync(join(whole, 'manifest.json'))
    ? { folder: new DiskModelFolder(dirname(whole)), only: basename(whole) }
    : { folder: new DiskModelFolder(whole) }
}
