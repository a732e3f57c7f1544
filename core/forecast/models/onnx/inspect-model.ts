import { findFormatMismatch, findTensorMismatch } from './check-tensors.ts'
import { type DryRun, dryRun } from './dry-run.ts'
import type { FeatureBook } from './feature-book.ts'
import { checkGolden } from './golden.ts'
import type { FileProblem, InferenceRuntime, OpenedModel, RunProblem } from './inference-runtime.ts'
import { type ModelManifest, type ModelPlace, placeOf, readManifest } from './manifest.ts'

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
  | 'otherTensors'
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

interface InspectDeps {
  readonly folder: ModelFolder
  readonly runtime: InferenceRuntime
  readonly features: FeatureBook
}

/** Every check of a model before it may serve, cheapest first. */
export async function inspectModel(deps: InspectDeps, name: string, deadlineMs: number): Promise<ModelInspection> {
  const { folder, runtime } = deps
  const manifestText = await folder.readText(name, 'manifest.json')
  if (manifestText === undefined) {
    return { name, refusal: { problem: 'manifestMissing', reason: 'manifest.json is missing or cannot be read' } }
  }
  const reading = readManifest(manifestText, deps.features)
  if (!reading.ok) return { name, manifestText, refusal: reading }
  const { manifest } = reading
  const known = { name, manifestText, manifest }
  if (manifest.name !== name) {
    const reason = `the manifest has the name ${manifest.name}, its folder ${name}`
    return { ...known, refusal: { problem: 'manifestInvalid', reason } }
  }
  const place = placeOf(manifest)
  // Another process shows what its tensors are when it answers.
  if (place?.kind !== 'file') return { ...known, ...(await tryModel(deps, manifest, deadlineMs)) }
  const answer = await runtime.open({ path: folder.pathOf(name, place.file), sha256: manifest.sha256 })
  if (!answer.ok) return { ...known, refusal: answer }
  const mismatch = findMismatch(manifest, place.format, answer.model)
  const tried = mismatch === undefined ? await tryModel(deps, manifest, deadlineMs) : { refusal: mismatch }
  if (tried.refusal !== undefined) await runtime.release(manifest.sha256)
  return { ...known, opened: answer.model, ...tried }
}

function findMismatch(
  manifest: ModelManifest,
  format: Extract<ModelPlace, { kind: 'file' }>['format'],
  model: OpenedModel,
): ModelRefusal | undefined {
  const otherVersion = findFormatMismatch(format, model)
  if (otherVersion !== undefined) return { problem: 'otherVersion', reason: otherVersion }
  const otherTensors = findTensorMismatch(manifest, model)
  return otherTensors === undefined ? undefined : { problem: 'otherTensors', reason: otherTensors }
}

/** What only a run shows. */
async function tryModel(
  { folder, runtime }: InspectDeps,
  manifest: ModelManifest,
  deadlineMs: number,
): Promise<Pick<ModelInspection, 'dryRun' | 'goldenDifference' | 'refusal'>> {
  const refuse = ({ problem, reason }: ModelRefusal) => ({ refusal: { problem, reason } })
  const tried = await dryRun(runtime, manifest, deadlineMs)
  if (!tried.ok) return refuse(tried)
  const golden = await folder.readText(manifest.name, 'golden.json')
  if (golden === undefined) return { dryRun: tried }
  const compared = await checkGolden(runtime, manifest, golden, deadlineMs)
  if (!compared.ok) return { dryRun: tried, ...refuse(compared) }
  return { dryRun: tried, goldenDifference: compared.largestDifference }
}
