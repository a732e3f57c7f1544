import { writeJson } from '#core/base/cli/write-json'
import { counted } from '#core/base/text/counted'
import { formatMinute } from '#core/base/time/instant-text'
import { observedUntilMs } from '#core/tuning/governance/eligibility'
import { describeShare, describeSize } from '#core/tuning/governance/evidence'
import { GovernanceError } from '#core/tuning/governance/governance-error'
import { type Change, isPreparation, replayLedger, statusOf } from '#core/tuning/governance/governance-state'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import { HistoryShape, viewHistory } from '#core/tuning/views/change-view'
import { findAsset, type GovernanceDeps, type JsonOption, withGovernance } from './context.ts'
import { wrap } from './text.ts'

export interface HistoryOptions extends JsonOption {
  readonly asset?: readonly string[]
  readonly verify?: boolean
}

export function showHistory(deps: GovernanceDeps, options: HistoryOptions): Promise<void> {
  return withGovernance(deps, (context) => {
    const { terminal, sha256 } = deps
    // First, because a damaged ledger may not be readable at all.
    const verification = options.verify === true ? verifyLedger(context.ledger, sha256) : undefined
    if (verification !== undefined && !verification.isSound) {
      if (options.json === true) writeJson(terminal, HistoryShape, viewHistory([], verification))
      throw new GovernanceError('LEDGER_DAMAGED', verification.problems.slice(0, shownProblems).join(' '))
    }
    const assets = options.asset?.map((name) => findAsset(context, name))
    const changes = replayLedger(context.ledger.read()).changes.filter(
      ({ asset }) => assets === undefined || assets.includes(asset),
    )
    if (options.json === true) {
      writeJson(terminal, HistoryShape, viewHistory(changes, verification))
      return
    }
    if (changes.length === 0) terminal.write('No parameter was ever changed.')
    for (const line of changes.flatMap(describeChange)) terminal.write(line)
    if (verification !== undefined) {
      const { entryCount, headHash } = verification
      terminal.write(
        `The ledger is intact: ${counted(entryCount, 'entry', 'entries')}, and they lead to the effective parameters.`,
      )
      terminal.write(`  last hash ${headHash}`)
    }
  })
}

const shownProblems = 3

function describeChange(change: Change): string[] {
  const { id, asset, parameter, oldValue, newValue, reason, by, isForced, evidence } = change
  const from = by === 'daemon' ? ', proposed by the miner' : ''
  const proof =
    evidence === null
      ? isPreparation(change)
        ? 'none needed: it altered no answer'
        : 'forced, without evidence'
      : `${isForced ? 'forced against ' : ''}evidence ${evidence.id}: ${describeShare(evidence.comparison)}, ${describeSize(evidence.comparison)}`
  const applied = change.appliedAtMs === undefined ? 'no miner has applied it yet' : formatMinute(change.appliedAtMs)
  const until = statusOf(change) === 'observed' ? [`  observed  until ${formatMinute(observedUntilMs(change))}`] : []
  const last = change.observations.at(-1)
  return [
    ...wrap(
      `${id}  `,
      `${asset} ${parameter.name} ${oldValue} -> ${newValue}  ${formatMinute(change.proposedAtMs)}${from}`,
    ),
    ...wrap('  reason    ', reasonText(reason, change.isDefaultReason)),
    ...wrap('  evidence  ', proof),
    `  applied   ${applied}`,
    ...until,
    ...(last === undefined
      ? []
      : wrap('  seen      ', `${formatMinute(last.atMs)}: ${last.assessment}, ${describeShare(last.comparison)}`)),
    ...change.verdicts.flatMap((verdict) =>
      wrap(
        '  verdict   ',
        `${verdict.decision} ${formatMinute(verdict.atMs)} by the ${who(verdict.by)}: ${reasonText(verdict.reason, verdict.isDefaultReason)}`,
      ),
    ),
    ...(change.revertAppliedAtMs === undefined ? [] : [`  undone    ${formatMinute(change.revertAppliedAtMs)}`]),
    '',
  ]
}

function reasonText(reason: string, isDefault: boolean | undefined): string {
  return isDefault === true ? `${reason} (the default: nobody typed one)` : reason
}

function who(by: 'operator' | 'daemon'): string {
  return by === 'daemon' ? 'miner' : 'operator'
}
