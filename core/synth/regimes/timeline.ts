import { UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import { effectiveField, type RegimeBook, type RegimeSwitch } from './book.ts'
import { formatInstant } from './instant.ts'
import type { Regime, RegimeStep } from './regime.ts'

/** Which regime decides a step, and how certain that is. */
export interface Decision {
  readonly regimeId: string
  /** False when the instant is within the bounds of a switch whose time is not exactly known. */
  readonly isCertain: boolean
  /** The regimes that may be effective, earliest first; the deciding one is among them. */
  readonly candidates: readonly string[]
  /** `prediction`: only this candidate has prompts of the asset, or all candidates say the same about it. */
  readonly basis: 'date' | 'override' | 'prediction'
}

export interface Candidates {
  /** Never empty. */
  readonly regimes: readonly Regime[]
  readonly decided: Regime
  readonly basis: 'date' | 'override'
}

/** The regime of an instant, with every other one that may be effective then. */
export function findCandidates(
  book: RegimeBook,
  step: RegimeStep,
  atMs: number,
  override: string | undefined,
): Candidates {
  if (override !== undefined) {
    const regime = findRegime(book, override)
    return { regimes: [regime], decided: regime, basis: 'override' }
  }
  const timeline = book.timelines[step]
  const decidedIndex = lastIndex(timeline, (change) => change.atMs <= atMs)
  // The last switch that has certainly happened. Later ones may have happened once their earliest instant is over.
  const surelyIndex = Math.max(
    0,
    lastIndex(timeline, (change) => change.latestMs <= atMs),
  )
  const decided = timeline[decidedIndex]
  if (decided === undefined) throw beforeTheFirst(timeline, step, atMs)
  const regimes = timeline
    .filter((change, index) => index === surelyIndex || (index > surelyIndex && change.earliestMs <= atMs))
    .map((change) => change.regime)
  return { regimes, decided: decided.regime, basis: 'date' }
}

export function toDecision({ regimes, decided, basis }: Candidates): Decision {
  return {
    regimeId: decided.id,
    isCertain: regimes.length === 1,
    candidates: regimes.map((regime) => regime.id),
    basis,
  }
}

/** By id or alias. For an unknown name the error lists the known ones and the nearest. */
export function findRegime(book: RegimeBook, name: string): Regime {
  const regime = book.byName.get(name)
  if (regime !== undefined) return regime
  const near = nearestName(name, [...book.byName.keys()])
  throw new UsageError(
    'REGIME_UNKNOWN',
    `"${name}" is not a known regime.${near === undefined ? '' : ` Did you mean ${near}?`} Known: ${book.regimes.map(({ id }) => id).join(', ')}.`,
  )
}

function beforeTheFirst(timeline: readonly RegimeSwitch[], step: RegimeStep, atMs: number): UsageError {
  const first = timeline[0]
  const since =
    first === undefined ? 'no regime at all' : `the first is ${first.regime.id}, from ${formatInstant(first.atMs)}`
  return new UsageError(
    'REGIME_UNKNOWN',
    `No rules are known for ${formatInstant(atMs)} (${effectiveField[step]}): ${since}.`,
    { hint: 'Name the rules to use with --regime.' },
  )
}

function lastIndex(timeline: readonly RegimeSwitch[], test: (change: RegimeSwitch) => boolean): number {
  for (let i = timeline.length - 1; i >= 0; i -= 1) if (test(timeline[i]!)) return i
  return -1
}
