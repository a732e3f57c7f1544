import type { OpenedModel, TensorShape } from './inference-runtime.ts'
import type { ModelInput, ModelManifest } from './manifest.ts'
import { outputTensors } from './read-outputs.ts'

/** Why a file and its manifest do not match, found before anything runs; undefined when they match. */
export function findTensorMismatch(manifest: ModelManifest, model: OpenedModel): string | undefined {
  for (const input of manifest.inputs) {
    const found = model.inputs.find(({ name }) => name === input.tensor)
    if (found === undefined) return `the file has no input ${input.tensor}; it has ${nameAll(model.inputs)}`
    const problem = findProblem(found, dimsOf(input, manifest), ['float32'])
    if (problem !== undefined) return `input ${problem}`
  }
  const unfed = model.inputs.find(({ name }) => !manifest.inputs.some((input) => input.tensor === name))
  if (unfed !== undefined) return `the file needs an input ${unfed.name}, which the manifest does not list`
  for (const name of outputTensors(manifest)) {
    const found = model.outputs.find((output) => output.name === name)
    if (found === undefined) return `the file has no output ${name}; it has ${nameAll(model.outputs)}`
    const problem = findProblem(found, outputDims(name, manifest), ['float32', 'float64'])
    if (problem !== undefined) return `output ${problem}`
  }
  return undefined
}

/** Why the file is of another kind than the manifest says; undefined when it is not. */
export function findFormatMismatch(
  format: NonNullable<ModelManifest['format']>,
  model: OpenedModel,
): string | undefined {
  const { ir, opset } = model.format
  return ir === format.ir && opset === format.opset
    ? undefined
    : `the file is IR ${ir} with opset ${opset}, the manifest says IR ${format.ir} with opset ${format.opset}`
}

function dimsOf(input: ModelInput, { grid, serves }: ModelManifest): number[] {
  switch (input.kind) {
    case 'past':
      return [1, input.rows, input.features.length]
    case 'ahead':
      return [1, grid.steps, input.features.length]
    case 'baseline':
      return [1, grid.steps]
    case 'asset':
      return [1, serves.assets.length]
  }
}

/** Undefined: any shape that the reader accepts. */
function outputDims(name: string, { outputs, grid }: ModelManifest): number[] | undefined {
  const { stepVariance, parts } = outputs
  if (name === stepVariance.tensor) return parts === undefined ? [1, grid.steps] : [1, parts.count, grid.steps]
  return name === parts?.tensor ? [1, parts.count] : undefined
}

function findProblem(found: TensorShape, dims: number[] | undefined, types: readonly string[]): string | undefined {
  if (!types.includes(found.type)) return `${found.name} is of ${found.type}, not of ${types.join(' or ')}`
  if (dims === undefined) return undefined
  // A dimension that the file leaves open shows its size when it runs; the runtime does not always know its number
  // either.
  const fits =
    found.dims.length === dims.length && found.dims.every((dim, i) => typeof dim === 'string' || dim === dims[i])
  return fits ? undefined : `${found.name} has the shape [${found.dims}], the contract requires [${dims}]`
}

function nameAll(tensors: readonly TensorShape[]): string {
  return tensors.map(({ name }) => name).join(', ') || 'none'
}
