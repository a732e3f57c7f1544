import type { Terminal } from '#core/base/cli/terminal'
import { UsageError } from '#core/base/errors/app-error'
import { nearestName } from '#core/base/text/nearest-name'
import type { Clock } from '#core/base/time/clock'
import type { EvidenceStore, PairedScores } from '#core/tuning/governance/evidence'
import type { BlendScores } from '#core/tuning/governance/fit-blend'
import type { GovernanceConfig } from '#core/tuning/governance/governance-config'
import { type GovernanceRefusal, toError } from '#core/tuning/governance/governance-error'
import type { GovernanceRuns } from '#core/tuning/governance/governance-runs'
import { type GovernanceState, replayLedger } from '#core/tuning/governance/governance-state'
import type { Ledger, LedgerRows } from '#core/tuning/governance/ledger'
import type { MinerFacts } from '#core/tuning/governance/miner-facts'
import { findParameter, type Parameter } from '#core/tuning/governance/parameter-catalogue'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import type { Diagnoses } from '#core/tuning/governance/suggestion'

/** What the commands work on; made when a command runs, because it needs the configuration. */
export interface GovernanceContext {
  readonly ledger: Ledger & LedgerRows
  readonly evidence: EvidenceStore
  readonly facts: MinerFacts
  readonly runs: GovernanceRuns
  readonly scores: PairedScores & BlendScores
  readonly diagnoses: Diagnoses
  readonly served: ServedAnswers
  /** The assets of the configuration, in the order to show them. */
  readonly assets: readonly string[]
  /** The possible values of a champion. */
  readonly models: readonly string[]
  readonly settings: GovernanceConfig
  /** Why the clock contradicts the time that the miner stored; undefined when it does not. */
  readonly doubt?: () => string | undefined
  /** An operator says that the clock is right. */
  readonly trustNow?: () => void
  close(): void
}

export interface GovernanceDeps {
  readonly open: () => GovernanceContext
  readonly terminal: Terminal
  readonly clock: Clock
  readonly sha256: (text: string) => string
  /** A person at the terminal; undefined where nobody can be asked. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined
  /** The settings of this line, for a line that is to be typed next. */
  readonly settings?: readonly string[]
}

export interface JsonOption {
  readonly json?: boolean
}

export async function withGovernance(
  deps: GovernanceDeps,
  run: (context: GovernanceContext) => void | Promise<void>,
): Promise<void> {
  const context = deps.open()
  try {
    await run(context)
  } finally {
    context.close()
  }
}

/** From the configuration or the ledger, in any case of letters; the nearest name when there is none. */
export function findAsset(context: GovernanceContext, text: string): string {
  const known = knownAssets(context, replayLedger(context.ledger.read()))
  const found = known.find((asset) => asset.toUpperCase() === text.toUpperCase())
  if (found !== undefined) return found
  const near = nearestName(text, known)
  const guess = near === undefined ? '' : `Did you mean ${near}? `
  throw new UsageError('ASSET_UNKNOWN', `There is no asset ${text}.`, {
    hint: `${guess}Known are ${known.join(', ')}.`,
  })
}

export function knownAssets(context: GovernanceContext, state: GovernanceState): string[] {
  return [...new Set([...context.assets, ...state.changes.map(({ asset }) => asset)])]
}

export function chooseParameter(context: GovernanceContext, text: string): Parameter {
  const found = findParameter(text, context.models)
  if (found.ok) return found.parameter
  const guess = found.nearest === undefined ? '' : `Did you mean ${found.nearest}? `
  throw new UsageError('PARAMETER_UNKNOWN', `There is no parameter ${text}.`, {
    hint: `${guess}Known are ${found.known.join(', ')}.`,
  })
}

/** Before anything is written that has a time in it: an entry in the future would stop all that come after it. */
export function refuseDoubt(context: GovernanceContext): void {
  const doubt = context.doubt?.()
  if (doubt === undefined) return
  throw toError({ code: 'CLOCK_DOUBTED', message: `The clock of this computer is not trusted: ${doubt}.` })
}

/** Ends the command. */
export function refuse(refusal: GovernanceRefusal): never {
  throw toError(refusal)
}
