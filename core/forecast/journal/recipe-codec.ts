import type { ScoredInterval } from '../paths/block-plan.ts'
import type { Arrangement } from '../paths/path-sampler.ts'
import type { Forecast, ForecastPart, ProcessParameters, Tails, VolatilityFactor } from '../paths/process-parameters.ts'
import { ByteReader, ByteWriter } from './byte-codec.ts'
import type { PathRecipe } from './prediction-record.ts'

/**
 * A recipe as bytes and back, every double bit for bit: paths made again from it must be the same to the last digit.
 * All little-endian: version, sampler version, seed, start price, flags, intervals, then each part of the forecast with
 * its step variances last.
 */
const formatVersion = 1

const arrangements = ['independent', 'structured'] as const
const tailKinds = ['normal', 'student', 'mixture'] as const

export function encodeRecipe(recipe: PathRecipe): Uint8Array {
  const out = new ByteWriter()
  out.count(formatVersion)
  out.count(recipe.samplerVersion)
  out.uint64(recipe.seed)
  out.double(recipe.startPriceUsd)
  out.flag(recipe.flatFirstPath)
  const { arrangement } = recipe
  out.count(arrangements.indexOf(arrangement.kind))
  out.list(arrangement.kind === 'structured' ? arrangement.intervals : [], ({ name, seconds }) => {
    out.text(name)
    out.double(seconds)
  })
  out.list(recipe.forecast, (part) => writePart(out, part))
  return out.bytes()
}

/** Throws a RangeError on bytes that are not a recipe of this format. */
export function decodeRecipe(bytes: Uint8Array): PathRecipe {
  const input = new ByteReader(bytes)
  const version = input.count()
  if (version !== formatVersion) throw new RangeError(`a recipe of format ${version}, not ${formatVersion}`)
  const samplerVersion = input.count()
  const seed = input.uint64()
  const startPriceUsd = input.double()
  const flatFirstPath = input.flag()
  const kind = nameOf(arrangements, input.count())
  const intervals = input.list((): ScoredInterval => ({ name: input.text(), seconds: input.double() }))
  const arrangement: Arrangement = kind === 'structured' ? { kind, intervals } : { kind }
  const [first, ...others] = input.list(() => readPart(input))
  if (first === undefined) throw new RangeError('a recipe without a forecast')
  input.end()
  const forecast: Forecast = [first, ...others]
  return { samplerVersion, forecast, startPriceUsd, seed, arrangement, flatFirstPath }
}

function writePart(out: ByteWriter, { weight, process }: ForecastPart): void {
  out.double(weight)
  out.double(process.stepSeconds)
  out.list(process.volatilityFactors, ({ logSd, halfLifeSeconds, startLogSd }) => {
    out.double(logSd)
    out.double(halfLifeSeconds)
    out.flag(startLogSd !== undefined)
    if (startLogSd !== undefined) out.double(startLogSd)
  })
  writeTails(out, process.tails)
  out.doubles(process.stepVariances)
}

function readPart(input: ByteReader): ForecastPart {
  const weight = input.double()
  const stepSeconds = input.double()
  const volatilityFactors = input.list((): VolatilityFactor => {
    const factor = { logSd: input.double(), halfLifeSeconds: input.double() }
    return input.flag() ? { ...factor, startLogSd: input.double() } : factor
  })
  const tails = readTails(input)
  const process: ProcessParameters = { stepSeconds, stepVariances: input.doubles(), volatilityFactors, tails }
  return { weight, process }
}

function writeTails(out: ByteWriter, tails: Tails): void {
  out.count(tailKinds.indexOf(tails.kind))
  if (tails.kind === 'student') out.double(tails.degreesOfFreedom)
  if (tails.kind === 'mixture') {
    out.list(tails.components, ({ weight, scale }) => {
      out.double(weight)
      out.double(scale)
    })
  }
}

function readTails(input: ByteReader): Tails {
  const kind = nameOf(tailKinds, input.count())
  switch (kind) {
    case 'normal':
      return { kind }
    case 'student':
      return { kind, degreesOfFreedom: input.double() }
    case 'mixture':
      return { kind, components: input.list(() => ({ weight: input.double(), scale: input.double() })) }
  }
}

function nameOf<T extends string>(names: readonly T[], index: number): T {
  const name = names[index]
  if (name === undefined) throw new RangeError(`choice ${index} of ${names.join(', ')}`)
  return name
}
