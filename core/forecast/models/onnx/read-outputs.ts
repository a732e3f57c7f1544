import type {
  Forecast,
  ForecastPart,
  ProcessParameters,
  Tails,
  VolatilityFactor,
} from '../../paths/process-parameters.ts'
import { logNormalScales } from '../../volatility/mixture-crps.ts'
import type { NamedTensor } from './inference-runtime.ts'
import type { ModelManifest, OutputParameter } from './manifest.ts'

export type OutputsReading =
  | { readonly ok: true; readonly forecast: Forecast }
  | { readonly ok: false; readonly reason: string }

/** Names of the tensors that a forecast is made from. */
export function outputTensors({ outputs }: ModelManifest): string[] {
  const { stepVariance, parts, tails, factors } = outputs
  const parameters: (OutputParameter | 'wholePath' | undefined)[] = factors.flatMap((factor) => [
    factor.logSd,
    factor.halfLifeSeconds,
    factor.startLogSd,
  ])
  if (tails.kind === 'student') parameters.push(tails.degreesOfFreedom)
  if (tails.kind === 'logNormal') parameters.push(tails.stepLogSd)
  const names = parameters.flatMap((parameter) => (typeof parameter === 'object' ? [parameter.tensor] : []))
  return [...new Set([stepVariance.tensor, ...(parts === undefined ? [] : [parts.tensor]), ...names])]
}

/**
 * From tensors to a forecast on the model's own grid. A problem is returned as a sentence: nothing in a foreign file is
 * trusted.
 */
export function readOutputs(manifest: ModelManifest, tensors: readonly NamedTensor[]): OutputsReading {
  try {
    const read = new OutputReader(tensors)
    const { parts, tails, factors } = manifest.outputs
    const shared = {
      stepSeconds: manifest.grid.stepSeconds,
      tails: readTails(tails, read),
      volatilityFactors: factors.map((factor) => readFactor(factor, read)),
    }
    const processes = readVariances(manifest, read).map(
      (stepVariances): ProcessParameters => ({ ...shared, stepVariances }),
    )
    const weights = parts === undefined ? [1] : readWeights(parts.tensor, parts.count, read)
    const forecast: ForecastPart[] = processes.map((process, i) => ({ weight: weights[i]!, process }))
    return { ok: true, forecast: forecast as unknown as Forecast }
  } catch (error) {
    if (error instanceof BadOutput) return { ok: false, reason: error.message }
    throw error
  }
}

/** Used only inside this file: there are many readers below, and each may find a problem. */
class BadOutput extends Error {}

class OutputReader {
  readonly #tensors: ReadonlyMap<string, NamedTensor>

  constructor(tensors: readonly NamedTensor[]) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  }

  /** All values, which must have one of these shapes and be finite. */
  values(name: string, shapes: readonly (readonly number[])[]): ArrayLike<number> {
    const { dims, values } = this.#tensor(name)
    if (!shapes.some((shape) => isSameShape(shape, dims))) {
      const wanted = shapes.map((shape) => `[${shape}]`).join(' or ')
      throw new BadOutput(`output ${name} has the shape [${dims}], not ${wanted}`)
    }
    const count = dims.reduce((product, dim) => product * dim, 1)
    if (values.length !== count) throw new BadOutput(`output ${name} has ${values.length} values, not ${count}`)
    const bad = values.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) throw new BadOutput(`output ${name} is ${values[bad]} at ${bad}`)
    return values
  }

  parameter(parameter: OutputParameter): number {
    if (typeof parameter === 'number') return parameter
    const { dims, values } = this.#tensor(parameter.tensor)
    const width = dims.length === 1 ? 1 : (dims[1] ?? 0)
    if (dims.length > 2 || dims[0] !== 1 || parameter.index >= width) {
      throw new BadOutput(`output ${parameter.tensor} has the shape [${dims}], without an index ${parameter.index}`)
    }
    const value = values[parameter.index] ?? Number.NaN
    if (!Number.isFinite(value)) throw new BadOutput(`output ${parameter.tensor} is ${value} at ${parameter.index}`)
    return value
  }

  #tensor(name: string): NamedTensor {
    const tensor = this.#tensors.get(name)
    if (tensor === undefined) throw new BadOutput(`output ${name} is missing`)
    return tensor
  }
}

function readVariances({ outputs, grid }: ModelManifest, read: OutputReader): Float64Array[] {
  const { tensor, kind, scale, shift, mayBeFlat } = outputs.stepVariance
  const partCount = outputs.parts?.count ?? 1
  const shape = outputs.parts === undefined ? [1, grid.steps] : [1, partCount, grid.steps]
  const values = read.values(tensor, [shape])
  return Array.from({ length: partCount }, (_, part) => {
    const variances = Float64Array.from({ length: grid.steps }, (__, k) => {
      const value = values[part * grid.steps + k]! * scale + shift
      if (kind !== 'logVariance' && !(value > 0)) {
        throw new BadOutput(
          `output ${tensor} gives a ${kind === 'sd' ? 'deviation' : 'variance'} of ${value} at step ${k}`,
        )
      }
      const variance = kind === 'logVariance' ? Math.exp(value) : kind === 'sd' ? value * value : value
      if (!(variance > 0 && Number.isFinite(variance))) {
        throw new BadOutput(`output ${tensor} gives a variance of ${variance} at step ${k}`)
      }
      return variance
    })
    if (!mayBeFlat && grid.steps > 1 && variances.every((variance) => variance === variances[0])) {
      throw new BadOutput(`output ${tensor} is the same at all ${grid.steps} steps`)
    }
    return variances
  })
}

function readWeights(tensor: string, count: number, read: OutputReader): number[] {
  const values = Array.from(read.values(tensor, [[1, count]]))
  const sum = values.reduce((total, value) => total + value, 0)
  const bad = values.findIndex((value) => !(value > 0))
  if (bad >= 0 || !Number.isFinite(sum))
    throw new BadOutput(`output ${tensor} gives a weight of ${values[Math.max(bad, 0)]}`)
  return values.map((value) => value / sum)
}

function readTails(tails: ModelManifest['outputs']['tails'], read: OutputReader): Tails {
  switch (tails.kind) {
    case 'normal':
      return tails
    case 'student':
      return { kind: 'student', degreesOfFreedom: read.parameter(tails.degreesOfFreedom) }
    case 'logNormal':
      return { kind: 'mixture', components: logNormalScales(read.parameter(tails.stepLogSd)) }
  }
}

function readFactor(factor: ModelManifest['outputs']['factors'][number], read: OutputReader): VolatilityFactor {
  const { logSd, halfLifeSeconds, startLogSd } = factor
  return {
    logSd: read.parameter(logSd),
    halfLifeSeconds: halfLifeSeconds === 'wholePath' ? Number.POSITIVE_INFINITY : read.parameter(halfLifeSeconds),
    ...(startLogSd === undefined ? {} : { startLogSd: read.parameter(startLogSd) }),
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}
