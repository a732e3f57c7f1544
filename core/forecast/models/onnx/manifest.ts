import { z } from 'zod'
import { horizons } from '#core/synth/prompts/horizon'
import { type BoundFeature, readsOf, type TimeFeature } from './feature.ts'
import type { FeatureBook } from './feature-book.ts'
import type { WindowExtras } from './recent-closes.ts'

/** Raised when a manifest that could be read would mean something else; models/README.md describes the contract. */
export const contractVersion = 1
/** From IR 3 on a file names its operator sets; opset 7 is the oldest that the runtime supports. */
const leastIr = 3
const leastOpset = 7
const largestSteps = 1_440
const largestRows = 4_096
/** Sixty days. */
const largestMinutes = 86_400

const finite = z.number()
const positive = z.number().positive()
const tensorName = z.string().min(1).max(128)
const wholeMinutes = z.int().positive().multipleOf(60)

/** A number of the forecast: constant, or read from an output of shape [batch, n]. */
const parameterSchema = z.union([
  finite,
  z.strictObject({ tensor: tensorName, index: z.int().min(0).max(255).default(0) }),
])

function inputSchemaOf(features: FeatureBook) {
  return z.discriminatedUnion('kind', [
    /** [batch, rows, features]: the steps that end at the last finished minute, oldest first. */
    z.strictObject({
      tensor: tensorName,
      kind: z.literal('past'),
      stepSeconds: wholeMinutes,
      rows: z.int().min(1).max(largestRows),
      features: z.array(features.past).min(1).max(64),
    }),
    /** [batch, steps, features]: what is known in advance of each forecast step. */
    z.strictObject({
      tensor: tensorName,
      kind: z.literal('ahead'),
      features: z.array(features.ahead).min(1).max(64),
    }),
    /** [batch, steps]: the log-variance of each step as the calibrated model forecasts it. */
    z.strictObject({ tensor: tensorName, kind: z.literal('baseline') }),
    /** [batch, assets]: 1 at the asset's place in `serves.assets`, else 0. */
    z.strictObject({ tensor: tensorName, kind: z.literal('asset') }),
  ])
}

const tailsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('normal') }),
  z.strictObject({ kind: z.literal('student'), degreesOfFreedom: parameterSchema }),
  /** The log of a step's own volatility is normal with this deviation. */
  z.strictObject({ kind: z.literal('logNormal'), stepLogSd: parameterSchema }),
])

const outputsSchema = z.strictObject({
  /** [batch, steps], or [batch, parts, steps] with parts. The used value is `value * scale + shift`. */
  stepVariance: z.strictObject({
    tensor: tensorName,
    kind: z.enum(['logVariance', 'variance', 'sd']),
    scale: positive.default(1),
    shift: finite.default(0),
    /** Otherwise the same number at every step means that the model has collapsed. */
    mayBeFlat: z.boolean().default(false),
  }),
  /** A mixture path by path: weights [batch, parts], scaled to a sum of 1 here. */
  parts: z.strictObject({ tensor: tensorName, count: z.int().min(2).max(16) }).optional(),
  tails: tailsSchema.default({ kind: 'normal' }),
  factors: z
    .array(
      z.strictObject({
        logSd: parameterSchema,
        halfLifeSeconds: z.union([parameterSchema, z.literal('wholePath')]),
        startLogSd: parameterSchema.optional(),
      }),
    )
    .max(8)
    .default([]),
})

/** Everything but the inputs, which need the features. */
export const manifestFacts = z.strictObject({
  contract: z.literal(contractVersion),
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and dashes'),
  description: z.string().max(500).default(''),
  /** Either a file with its format, or the url of a process that answers. */
  file: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}[.]onnx$/, 'the plain name of an .onnx file beside the manifest')
    .optional(),
  format: z.strictObject({ ir: z.int().min(leastIr), opset: z.int().min(leastOpset) }).optional(),
  url: z.string().max(500).refine(isServerUrl, 'an http or https address without user, password and query').optional(),
  /** The model's version: of a file its hash, of a process what it says about itself in every answer. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 hex digits'),
  serves: z.strictObject({
    assets: z.array(z.string().min(1).max(32)).min(1).max(256),
    horizons: z.array(z.enum(horizons)).min(1),
  }),
  /** The forecast steps. Prompts with other steps within the same length are served too. */
  grid: z.strictObject({ stepSeconds: z.int().positive(), steps: z.int().min(1).max(largestSteps) }),
  /** Beyond these limits the model is not used. */
  window: z
    .strictObject({
      largestUnknownShare: z.number().min(0).max(1).default(0.2),
      largestAgeSeconds: positive.default(900),
    })
    .prefault({}),
  outputs: outputsSchema,
  /** Its origin: recipe hash, data window, scores, the baseline it beat. Shown, never used. */
  training: z.record(z.string(), z.json()).optional(),
})

export function manifestSchemaOf(features: FeatureBook) {
  return manifestFacts.extend({ inputs: z.array(inputSchemaOf(features)).min(1).max(8) })
}

export type ModelManifest = z.output<ReturnType<typeof manifestSchemaOf>>
/** What a model reads: training has no more than this before a model is finished. */
export type InputFacts = Pick<ModelManifest, 'serves' | 'grid' | 'window' | 'inputs'>
export type ModelInput = ModelManifest['inputs'][number]
export type AheadInput = Extract<ModelInput, { kind: 'ahead' }>
export type PastInput = Extract<ModelInput, { kind: 'past' }>
export type OutputParameter = z.output<typeof parameterSchema>

/** What answers for a model. */
export type ModelPlace =
  | { readonly kind: 'file'; readonly file: string; readonly format: NonNullable<ModelManifest['format']> }
  | { readonly kind: 'process'; readonly url: string }

/** Undefined: the manifest names none, or both. */
export function placeOf({ file, format, url }: Pick<ModelManifest, 'file' | 'format' | 'url'>): ModelPlace | undefined {
  if (url !== undefined) return file === undefined && format === undefined ? { kind: 'process', url } : undefined
  return file === undefined || format === undefined ? undefined : { kind: 'file', file, format }
}

export type ManifestReading =
  | { readonly ok: true; readonly manifest: ModelManifest }
  | { readonly ok: false; readonly problem: 'manifestInvalid' | 'otherVersion'; readonly reason: string }

export function readManifest(text: string, features: FeatureBook): ManifestReading {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'manifestInvalid', reason: 'manifest.json is not JSON' }
  }
  if (
    typeof content === 'object' &&
    content !== null &&
    'contract' in content &&
    content.contract !== contractVersion
  ) {
    const reason = `the manifest is for contract ${JSON.stringify(content.contract)}, this release reads ${contractVersion}`
    return { ok: false, problem: 'otherVersion', reason }
  }
  const parsed = manifestSchemaOf(features).safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const reason = `manifest.json, ${issue?.path.join('.') || 'top'}: ${issue?.message ?? 'not a manifest'}`
    return { ok: false, problem: 'manifestInvalid', reason }
  }
  const clash = findClash(parsed.data)
  return clash === undefined
    ? { ok: true, manifest: parsed.data }
    : { ok: false, problem: 'manifestInvalid', reason: `manifest.json, ${clash}` }
}

/** What the schema cannot check. */
function findClash(manifest: ModelManifest): string | undefined {
  const { inputs, outputs, serves } = manifest
  if (placeOf(manifest) === undefined) return 'top: it needs either file and format, or url'
  const repeated = (names: readonly string[]): string | undefined => names.find((name, i) => names.indexOf(name) !== i)
  const tensor = repeated(inputs.map((input) => input.tensor))
  if (tensor !== undefined) return `inputs: ${tensor} is listed twice`
  const asset = repeated(serves.assets)
  if (asset !== undefined) return `serves.assets: ${asset} is listed twice`
  const minutes = minutesNeeded({ inputs })
  if (minutes > largestMinutes) return `inputs: it looks back ${minutes} minutes, at most ${largestMinutes} are kept`
  if (outputs.parts?.tensor === outputs.stepVariance.tensor) return 'outputs: weights and variances share a tensor'
  return undefined
}

function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}

/** The length of a forecast in seconds. */
export function manifestLengthSeconds({ grid }: ModelManifest): number {
  return grid.stepSeconds * grid.steps
}

/** How many closes the features look back over, including the one before the first move. */
export function minutesNeeded({ inputs }: Pick<ModelManifest, 'inputs'>): number {
  return Math.max(1, ...inputs.map(minutesOfInput))
}

export function extrasNeeded({ inputs }: Pick<ModelManifest, 'inputs'>): WindowExtras {
  const reads = inputs.flatMap((input) => (input.kind === 'past' ? input.features.map(readsOf) : []))
  return {
    candles: reads.some(({ candles }) => candles === true),
    others: [...new Set(reads.flatMap(({ others = [] }) => others))],
  }
}

export function needsBaseline({ inputs }: Pick<ModelManifest, 'inputs'>): boolean {
  return inputs.some(({ kind }) => kind === 'baseline')
}

function minutesOfInput(input: ModelInput): number {
  if (input.kind === 'ahead') return 1 + Math.max(...input.features.map(minutesOfTime))
  if (input.kind !== 'past') return 1
  const { rows, stepSeconds, features } = input
  const stepMinutes = stepSeconds / 60
  const ownMinutes = features.map(({ definition, settings }) =>
    definition.source === 'market'
      ? definition.minutes(settings, stepMinutes)
      : // Its instant is the middle of the step.
        minutesOfTime({ definition, settings }) + Math.ceil(stepMinutes / 2),
  )
  return (rows - 1) * stepMinutes + Math.max(stepMinutes, ...ownMinutes) + 1
}

function minutesOfTime({ definition, settings }: Pick<BoundFeature<TimeFeature>, 'definition' | 'settings'>): number {
  return definition.minutes?.(settings) ?? 0
}
