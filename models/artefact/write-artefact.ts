import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '#core/base/errors/message-of'
import { buildInputs } from '#core/forecast/models/onnx/build-inputs'
import { type MarketQuestion, simulateMarket } from '#core/forecast/models/onnx/dry-run'
import type { InferenceRuntime } from '#core/forecast/models/onnx/inference-runtime'
import { inspectModel, type ModelFolder } from '#core/forecast/models/onnx/inspect-model'
import { type ModelManifest, readManifest } from '#core/forecast/models/onnx/manifest'
import { outputTensors } from '#core/forecast/models/onnx/read-outputs'
import type { CandleColumns } from '#core/market/minutes/minute-candles'
import { servingModel } from '#models/compile/compile-model'
import type { Problem } from '#models/compile/recipe'
import { type ManifestParts, writeManifest } from './artefact-manifest.ts'

export interface ArtefactDeps {
  /** The one that serves: what it refuses is not written. */
  readonly runtime: InferenceRuntime
  readonly openFolder: (path: string) => ModelFolder
  readonly deadlineMs?: number
}

export interface ArtefactParts extends Omit<ManifestParts, 'model' | 'sha256'> {
  readonly weights: Float32Array
  /** The forecast that golden.json keeps; a simulated market where none is given. */
  readonly golden?: MarketQuestion
}

export type ArtefactWriting =
  | { readonly ok: true; readonly path: string; readonly manifest: ModelManifest }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const usualDeadlineMs = 10_000

/**
 * Writes `<folder>/<name of the recipe>` with model.onnx, manifest.json and golden.json. All or nothing: it is written
 * beside its place, passes every check that the miner makes of a model, and then takes its place by a rename. A model
 * that was there before stays until then.
 */
export async function writeArtefact(
  deps: ArtefactDeps,
  parts: ArtefactParts,
  folder: string,
): Promise<ArtefactWriting> {
  const { name, components } = parts.recipe
  const model = servingModel(parts.recipe, parts.weights)
  const sha256 = createHash('sha256').update(model.bytes).digest('hex')
  const written = writeManifest({ ...parts, model, sha256 })
  if (!written.ok) return written
  const reading = readManifest(written.text, components.features)
  if (!reading.ok) return refuse(reading.reason)
  let beside: string | undefined
  try {
    await mkdir(folder, { recursive: true })
    // A name with a dot first: whoever lists the models passes it over.
    beside = await mkdtemp(join(folder, '.artefact-'))
    const own = join(beside, name)
    await mkdir(own)
    await writeDurably(join(own, 'model.onnx'), model.bytes)
    await writeDurably(join(own, 'manifest.json'), written.text)
    const golden = await makeGolden(deps, parts, reading.manifest, join(own, 'model.onnx'))
    if (!golden.ok) return refuse(golden.reason)
    await writeDurably(join(own, 'golden.json'), golden.text)
    await syncFolder(own)
    const { refusal } = await inspectModel(
      { folder: deps.openFolder(beside), runtime: deps.runtime, features: components.features },
      name,
      deps.deadlineMs ?? usualDeadlineMs,
    )
    if (refusal !== undefined) return refuse(refusal.reason)
    await deps.runtime.release(sha256)
    await takePlace(own, join(folder, name), join(beside, 'before'))
    return { ok: true, path: join(folder, name), manifest: reading.manifest }
  } catch (error) {
    return refuse(`it cannot be written: ${messageOf(error)}`)
  } finally {
    if (beside !== undefined) await rm(beside, { recursive: true, force: true })
  }
}

type Golden = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

async function makeGolden(
  { runtime, deadlineMs = usualDeadlineMs }: ArtefactDeps,
  { golden }: ArtefactParts,
  manifest: ModelManifest,
  path: string,
): Promise<Golden> {
  const { asset, startAtMs, window, baseline } = golden ?? simulateMarket(manifest)
  const inputs = buildInputs(manifest, { asset, startAtMs, baseline }, window)
  if (!inputs.ok) return inputs
  const { sha256 } = manifest
  const opened = await runtime.open({ path, sha256 })
  if (!opened.ok) return opened
  const ran = await runtime.run({ sha256, inputs: inputs.tensors, outputs: outputTensors(manifest), deadlineMs })
  await runtime.release(sha256)
  if (!ran.ok) return ran
  const { closes, candles, others, endsAtMs } = window
  const content = {
    asset,
    startAtMs,
    endsAtMs,
    closes: known(closes),
    ...(candles === undefined ? {} : { candles: knownCandles(candles) }),
    ...(others === undefined || others.size === 0
      ? {}
      : { others: Object.fromEntries([...others].map(([other, column]) => [other, known(column)])) }),
    ...(baseline === undefined ? {} : { baseline: Array.from(baseline) }),
    outputs: Object.fromEntries(ran.outputs.map(({ name, values }) => [name, Array.from(values)])),
  }
  return { ok: true, text: `${JSON.stringify(content)}\n` }
}

/** JSON has no NaN. */
function known(column: Float64Array): (number | null)[] {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : value))
}

function knownCandles({ open: opens, high, low, volume }: CandleColumns): object {
  return { open: known(opens), high: known(high), low: known(low), volume: known(volume) }
}

async function takePlace(own: string, place: string, before: string): Promise<void> {
  // A folder cannot be renamed over another one with files in it.
  await rename(place, before).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(own, place)
  await syncFolder(dirname(place))
}

async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The names in a folder are on disk only when the folder itself is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function refuse(sentence: string): ArtefactWriting {
  return { ok: false, problems: [{ path: 'artefact', sentence: `${sentence}.` }] }
}
