import { basename, dirname, resolve } from 'node:path'
import { buildInputs, type InputQuestion } from '#core/forecast/models/onnx/build-inputs'
import type { FeatureBook } from '#core/forecast/models/onnx/feature-book'
import type { InferenceRuntime } from '#core/forecast/models/onnx/inference-runtime'
import { inspectModel, type ModelFolder } from '#core/forecast/models/onnx/inspect-model'
import type { ModelManifest } from '#core/forecast/models/onnx/manifest'
import { outputTensors, readOutputs } from '#core/forecast/models/onnx/read-outputs'
import type { MinuteWindow } from '#core/forecast/models/onnx/recent-closes'
import { checkForecast } from '#core/forecast/paths/check-forecast'
import type { Forecast } from '#core/forecast/paths/process-parameters'
import type { Problem } from '#models/compile/recipe'

export interface LoadDeps {
  readonly runtime: InferenceRuntime
  readonly openFolder: (path: string) => ModelFolder
  readonly features: FeatureBook
  readonly deadlineMs?: number
}

export interface LoadedModel {
  readonly manifest: ModelManifest
  /** What the miner would draw its paths from, on the model's own grid. */
  forecast(question: InputQuestion, window: MinuteWindow): Promise<ForecastAnswer>
  close(): Promise<void>
}

export type ForecastAnswer =
  | { readonly ok: true; readonly forecast: Forecast }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export type Loading =
  | { readonly ok: true; readonly model: LoadedModel }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const usualDeadlineMs = 10_000

/** A model from its folder, after every check that the miner makes before it serves one. */
export async function loadModel(folder: string, deps: LoadDeps): Promise<Loading> {
  const { runtime, features, deadlineMs = usualDeadlineMs } = deps
  const path = resolve(folder)
  const models = deps.openFolder(dirname(path))
  const { manifest, refusal } = await inspectModel({ folder: models, runtime, features }, basename(path), deadlineMs)
  if (refusal !== undefined || manifest === undefined) {
    return refuse(path, refusal?.reason ?? 'it has no manifest')
  }
  const { sha256, url } = manifest
  const forecast = async (question: InputQuestion, window: MinuteWindow): Promise<ForecastAnswer> => {
    const inputs = buildInputs(manifest, question, window)
    if (!inputs.ok) return refuse('window', inputs.reason)
    const outputs = outputTensors(manifest)
    const ran = await runtime.run({ sha256, url, inputs: inputs.tensors, outputs, deadlineMs })
    if (!ran.ok) return refuse('model', ran.reason)
    const reading = readOutputs(manifest, ran.outputs)
    if (!reading.ok) return refuse('model', reading.reason)
    const check = checkForecast(reading.forecast)
    return check.ok ? { ok: true, forecast: reading.forecast } : refuse('model', check.reason)
  }
  return { ok: true, model: { manifest, forecast, close: () => runtime.release(sha256) } }
}

function refuse(path: string, sentence: string): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems: [{ path, sentence: `${sentence}.` }] }
}
