import { z } from 'zod'
import { InputError } from '#core/base/errors/app-error'
import { type StandInVenue, standInVenues } from './catalogue.ts'

/**
 * What can fail at a venue. Transport faults break the answer on its way. Data faults answer in valid form with
 * something wrong inside. Times of the script are virtual seconds since the stand-in started.
 */
const when = {
  venue: z.enum(standInVenues).describe('which server'),
  fromSeconds: z.number().min(0).default(0),
  forSeconds: z.number().gt(0).optional().describe('for ever when absent'),
}

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...when, kind: z.literal('down') }),
  // 1 byte a second if no delay is given. The delay is real time, as on a real network.
  z.strictObject({ ...when, kind: z.literal('slow'), delayMs: z.number().min(0).optional() }),
  z.strictObject({ ...when, kind: z.literal('rateLimited'), retryAfterSeconds: z.number().min(0).default(30) }),
  z.strictObject({ ...when, kind: z.literal('geoBlocked') }),
  z.strictObject({ ...when, kind: z.literal('unauthorized') }),
  z.strictObject({ ...when, kind: z.literal('serverError'), status: z.int().min(500).max(599).default(503) }),
  z.strictObject({ ...when, kind: z.literal('redirect'), location: z.string().default('/elsewhere') }),
  z.strictObject({ ...when, kind: z.literal('garbage'), body: z.string().default('<!doctype html><h1>Hello</h1>') }),
  z.strictObject({ ...when, kind: z.literal('hugeBody'), megabytes: z.number().gt(0).default(100) }),
  z.strictObject({ ...when, kind: z.literal('halfBody') }),
  z.strictObject({ ...when, kind: z.literal('stale') }),
  z.strictObject({ ...when, kind: z.literal('clockOff'), offsetSeconds: z.number() }),
  z.strictObject({ ...when, kind: z.literal('swapped'), assets: z.tuple([z.string(), z.string()]) }),
  z.strictObject({
    ...when,
    kind: z.literal('badPrice'),
    asset: z.string(),
    value: z.union([z.number(), z.string(), z.null()]),
  }),
  z.strictObject({ ...when, kind: z.literal('jump'), asset: z.string(), factor: z.number().gt(0) }),
  z.strictObject({ ...when, kind: z.literal('wideConfidence'), asset: z.string(), share: z.number().gt(0) }),
])

const scriptSchema = z.strictObject({ faults: z.array(faultSchema) })

export type Fault = z.output<typeof faultSchema>
export type FaultKind = Fault['kind']
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>
export type FaultInput = z.input<typeof faultSchema>
/** A fault of any kind, without its venue. */
export type VenuelessFault = FaultInput extends infer F ? (F extends unknown ? Omit<F, 'venue'> : never) : never

const transportKinds = [
  'down',
  'slow',
  'rateLimited',
  'geoBlocked',
  'unauthorized',
  'serverError',
  'redirect',
  'garbage',
  'hugeBody',
  'halfBody',
] as const satisfies readonly FaultKind[]

export type TransportFault = FaultOf<(typeof transportKinds)[number]>

/** The faults of a parsed script; each problem is reported with its position in the list. */
export function parseFaultScript(value: unknown, fileName: string): Fault[] {
  const parsed = scriptSchema.safeParse(value)
  if (parsed.success) return parsed.data.faults
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new InputError('INPUT_INVALID', `${fileName} is not a fault script: ${problems.join('; ')}.`, {
    hint: 'Write "faults:" and below it entries with venue, kind, fromSeconds and forSeconds.',
  })
}

export class FaultBook {
  readonly #faults: Fault[] = []

  constructor(faults: readonly Fault[] = []) {
    this.#faults.push(...faults)
  }

  /** For tests: from now on until removed. */
  add(fault: FaultInput): () => void {
    const added = faultSchema.parse(fault)
    this.#faults.push(added)
    return () => {
      const index = this.#faults.indexOf(added)
      if (index !== -1) this.#faults.splice(index, 1)
    }
  }

  transportFault(venue: StandInVenue, sinceStartMs: number): TransportFault | undefined {
    return this.#active(venue, sinceStartMs).find((fault): fault is TransportFault =>
      (transportKinds as readonly FaultKind[]).includes(fault.kind),
    )
  }

  dataFaults<K extends FaultKind>(kind: K, venue: StandInVenue, sinceStartMs: number): FaultOf<K>[] {
    return this.#active(venue, sinceStartMs).filter((fault): fault is FaultOf<K> => fault.kind === kind)
  }

  #active(venue: StandInVenue, sinceStartMs: number): Fault[] {
    return this.#faults.filter((fault) => {
      const fromMs = fault.fromSeconds * 1000
      const untilMs = fault.forSeconds === undefined ? Number.POSITIVE_INFINITY : fromMs + fault.forSeconds * 1000
      return fault.venue === venue && sinceStartMs >= fromMs && sinceStartMs < untilMs
    })
  }
}
