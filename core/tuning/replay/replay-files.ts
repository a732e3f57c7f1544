import { AppError, UsageError } from '#core/base/errors/app-error'
import type { HashText } from '#core/base/text/hash-text'
import type { OnnxName } from '#core/forecast/models/model-names'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import type { InferenceRuntime } from '#core/forecast/models/onnx/inference-runtime'
import { inspectModel, type ModelFolder } from '#core/forecast/models/onnx/inspect-model'
import { type ModelManifest, placeOf, readManifest } from '#core/forecast/models/onnx/manifest'

export interface ModelFileDeps {
  /** Undefined: `models.dir` is not set. */
  readonly folder: ModelFolder | undefined
  readonly runtime: InferenceRuntime
  readonly features: FeatureBook
  readonly hashText: HashText
  readonly deadlineMs: number
}

/** Makes every check of a miner before it serves a model; a failure is a sentence. */
export async function hashModelFiles(
  { folder, runtime, features, hashText, deadlineMs }: ModelFileDeps,
  names: readonly OnnxName[],
): Promise<Readonly<Record<string, string>>> {
  const hashes: Record<string, string> = {}
  for (const name of names) {
    if (folder === undefined) {
      throw new UsageError('MODEL_UNKNOWN', `${name} is a model of a folder, and models.dir is not set.`, {
        hint: 'Set models.dir to the folder that the miner serves from.',
      })
    }
    const known = await folder.list()
    const own = name.slice('onnx:'.length)
    if (known?.includes(own) !== true) {
      const others = known?.map((other) => `onnx:${other}`).join(', ') || 'none'
      throw new UsageError('MODEL_UNKNOWN', `There is no model ${name} in ${folder.path}.`, {
        hint: known === undefined ? 'The folder cannot be read: check models.dir.' : `Known are ${others}.`,
      })
    }
    const { manifestText, refusal } = await inspectModel({ folder, runtime, features }, own, deadlineMs)
    if (refusal !== undefined || manifestText === undefined) {
      throw new AppError('MODEL_REFUSED', `${name} cannot be used: ${refusal?.reason ?? 'it has no manifest'}.`, {
        hint: `Run "miner models check ${folder.path}".`,
      })
    }
    hashes[name] = hashText(manifestText)
  }
  return hashes
}

/**
 * In a thread: the exact files that the job names, checked by hash; the runtime compares the file with its manifest.
 */
export async function openModelFiles(
  { folder, runtime, features, hashText }: Omit<ModelFileDeps, 'deadlineMs'>,
  files: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, ModelManifest>> {
  const opened = new Map<string, ModelManifest>()
  for (const [name, hash] of Object.entries(files)) {
    const own = name.slice('onnx:'.length)
    const text = await folder?.readText(own, 'manifest.json')
    if (folder === undefined || text === undefined || hashText(text) !== hash) {
      throw new AppError('MODEL_REFUSED', `${name} is missing, or has changed since the replay began.`, {
        hint: 'Run the command again.',
      })
    }
    const reading = readManifest(text, features)
    if (!reading.ok) throw new AppError('MODEL_REFUSED', `${name} cannot be used: ${reading.reason}.`)
    const { manifest } = reading
    const place = placeOf(manifest)
    if (place?.kind === 'file') {
      const answer = await runtime.open({ path: folder.pathOf(own, place.file), sha256: manifest.sha256 })
      if (!answer.ok) throw new AppError('MODEL_REFUSED', `${name} cannot be used: ${answer.reason}.`)
    }
    opened.set(name, manifest)
  }
  return opened
}
