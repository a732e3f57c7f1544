import { findFormatMismatch, findTensorMismatch } from './check-tensors.ts'
import { type DryRun, dryRun } from './dry-run.ts'
import { checkGolden } from './golden.ts'
import type { FileProblem, InferenceRuntime, OpenedModel, RunProblem } from './inference-runtime.ts'
import { type ModelManifest, readManifest } from './manifest.ts'

/** A folder with one folder for each model. */
export interface ModelFolder {
  readonly path: string
  /** Names of the folders in it, sorted; undefined when it cannot be read. */
  list(): Promise<readonly string[] | undefined>
  /** Undefined when there is no such file or it cannot be read. */
  readText(model: string, file: string): Promise<string | undefined>
  pathOf(model: string, file: string): string
}

export type ModelProblem =
  | FileProblem
  | RunProblem
  | 'manifestMissing'
  | 'manifestInvalid'
  | 'otherVersion'
  | 'otherTensors'
  | 'badOutput'
  | 'goldenInvalid'
  | 'otherAnswer'

export interface ModelRefusal {
  readonly problem: ModelProblem
  /** What is wrong, in one sentence without its full stop. */
  readonly reason: string
}

/** What is known about one model. Without a refusal it is complete, and the model is open in the runtime. */
export interface ModelInspection {
  readonly name: string
  readonly manifestText?: string
  readonly manifest?: ModelManifest
  readonly opened?: OpenedModel
  readonly dryRun?: Extract<DryRun, { ok: true }>
  /** Largest difference from golden.json, if there is one. */
  readonly goldenDifference?: number
  readonly refusal?: ModelRefusal
}

/** Every check of a model before it may serve, cheapest first. */
export async function inspectModel(
  deps: { readonly folder: ModelFolder; readonly runtime: InferenceRuntime },
  name: string,
  deadlineMs: number,
): Promise<ModelInspection> {
  const { folder, runtime } = deps
  const manifestText = await folder.readText(name, 'manifest.json')
  if (manifestText === undefined) {
    return { name, refusal: { problem: 'manifestMissing', reason: 'manifest.json is missing or cannot be read' } }
  }
  const reading = readManifest(manifestText)
  if (!reading.ok) return { name, manifestText, refusal: reading }
  const { manifest } = reading
  const known = { name, manifestText, manifest }
  if (manifest.name !== name) {
    const reason = `the manifest has the name ${manifest.name}, its folder ${name}`
    return { ...known, refusal: { problem: 'manifestInvalid', reason } }
  }
  const answer = await runtime.open({ path: folder.pathOf(name, manifest.file), sha256: manifest.sha256 })
  if (!answer.ok) return { ...known, refusal: answer }
  const opened = { ...known, opened: answer.model }
  const refuse = async (refusal: ModelRefusal): Promise<ModelInspection> => {
    await runtime.release(manifest.sha256)
    return { ...opened, refusal: { problem: refusal.problem, reason: refusal.reason } }
  }
  const format = findFormatMismatch(manifest, answer.model)
  if (format !== undefined) return refuse({ problem: 'otherVersion', reason: format })
  const tensors = findTensorMismatch(manifest, answer.model)
  if (tensors !== undefined) return refuse({ problem: 'otherTensors', reason: tensors })
  const tried = await dryRun(runtime, manifest, deadlineMs)
  if (!tried.ok) return refuse(tried)
  const golden = await folder.readText(name, 'golden.json')
  if (golden === undefined) return { ...opened, dryRun: tried }
  const compared = await checkGolden(runtime, manifest, golden, deadlineMs)
  if (!compared.ok) return refuse(compared)
  return { ...opened, dryRun: tried, goldenDifference: compared.largestDifference }
}
