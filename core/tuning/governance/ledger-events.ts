import { z } from 'zod'
import { jsonOf } from '#core/base/json/json-of'
import { PairedComparison } from './paired-comparison.ts'

const Value = z.union([z.number(), z.string()])
const SlotValue = z.union([z.number(), z.string(), z.record(z.string(), z.number())])

/** A change was approved by the gate; it is effective from `effectiveAtMs` on. */
const Proposed = z.strictObject({
  parameter: z.string(),
  oldValue: Value,
  newValue: Value,
  /**
   * The old and the new content of the parameter's slot. They differ from the values if a blend's other weights change
   * too.
   */
  before: SlotValue,
  after: SlotValue,
  reason: z.string(),
  /** Nobody typed the reason; absent where somebody did. */
  isDefaultReason: z.literal(true).optional(),
  by: z.enum(['operator', 'daemon']),
  /** Approved without convincing evidence. */
  isForced: z.boolean(),
  evidence: z.strictObject({ id: z.int(), comparison: PairedComparison }).nullable(),
  effectiveAtMs: z.int(),
})

/** The daemon forecasts with it from here on. */
const Applied = z.strictObject({ what: z.enum(['change', 'revert']), revision: z.int() })

export const assessments = ['better', 'unchanged', 'worse', 'unknown'] as const
export type Assessment = (typeof assessments)[number]

/** A look at an open change. */
const Observed = z.strictObject({ assessment: z.enum(assessments), comparison: PairedComparison })

/** The end of an observation, or the undoing of a kept change. */
const Verdict = z.strictObject({
  decision: z.enum(['kept', 'reverted']),
  assessment: z.enum(assessments),
  comparison: PairedComparison.nullable(),
  by: z.enum(['operator', 'daemon']),
  reason: z.string(),
  /** As of a proposal. */
  isDefaultReason: z.literal(true).optional(),
  /** From when on the previous value is effective again; null when it was kept. */
  effectiveAtMs: z.int().nullable(),
})

/** The clock was wrong: entries, or the first start, have other times than they say. About no change. */
const ClockWasWrong = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.literal('entries'),
    fromEntry: z.int().min(1),
    toEntry: z.int().min(1),
    /** By how much the clock was ahead. */
    aheadMs: z.int(),
    reason: z.string(),
  }),
  z.strictObject({
    what: z.literal('start'),
    startedAtMs: z.int(),
    wrongAtMs: z.int().nullable(),
    reason: z.string(),
  }),
])

/** The content of the ledger, by kind; adapters read every row through these. */
export const ledgerBodies = {
  proposed: Proposed,
  applied: Applied,
  observed: Observed,
  verdict: Verdict,
  clock: ClockWasWrong,
} as const

export type LedgerKind = keyof typeof ledgerBodies
export type ProposedBody = z.output<typeof Proposed>
export type AppliedBody = z.output<typeof Applied>
export type ObservedBody = z.output<typeof Observed>
export type VerdictBody = z.output<typeof Verdict>
export type ClockBody = z.output<typeof ClockWasWrong>

export type LedgerEvent =
  | { readonly kind: 'proposed'; readonly body: ProposedBody }
  | { readonly kind: 'applied'; readonly body: AppliedBody }
  | { readonly kind: 'observed'; readonly body: ObservedBody }
  | { readonly kind: 'verdict'; readonly body: VerdictBody }
  | { readonly kind: 'clock'; readonly body: ClockBody }

/** Undefined when kind or body is not one of ours. */
export function readLedgerEvent(kind: string, bodyText: string): LedgerEvent | undefined {
  const shape = Object.hasOwn(ledgerBodies, kind) ? ledgerBodies[kind as LedgerKind] : undefined
  if (shape === undefined) return undefined
  const parsed = shape.safeParse(jsonOf(bodyText))
  return parsed.success ? ({ kind, body: parsed.data } as LedgerEvent) : undefined
}
