import { InvalidArgumentError } from 'commander'
import { writeJson } from '#core/base/cli/write-json'
import { formatMinute } from '#core/base/time/instant-text'
import { type GovernanceState, replayLedger } from '#core/tuning/governance/governance-state'
import { type RevertAnswer, revertChange } from '#core/tuning/governance/revert-change'
import { ChangedShape, viewChanged } from '#core/tuning/views/change-view'
import { askReason, type GivenReason, type ReasonOptions, reasonOf, unspoken } from './ask-reason.ts'
import { type GovernanceDeps, refuse, refuseDoubt, withGovernance } from './context.ts'

/** Without --reason a person at the terminal gives reason and consent. */
export function revert(deps: GovernanceDeps, changeId: number, options: ReasonOptions): Promise<void> {
  return withGovernance(deps, async (context) => {
    const { terminal, clock } = deps
    const { ledger } = context
    refuseDoubt(context)
    const answerFor = (state: GovernanceState, given: GivenReason): RevertAnswer => {
      // The miner's last observation goes into the verdict.
      const seen = state.changes[changeId - 1]?.observations.at(-1)
      const { assessment = 'unknown', comparison = null } = seen ?? {}
      const nowMs = clock.nowMs()
      return revertChange(state, { changeId, ...given, by: 'operator', nowMs, assessment, comparison })
    }
    let given = reasonOf(options)
    if (given === undefined) {
      const asked = answerFor(replayLedger(ledger.read()), unspoken)
      if (!asked.ok) return refuse(asked.refusal)
      const { asset, parameter, oldValue, newValue } = asked.change
      const question = `Undo change ${changeId}: ${parameter.name} of ${asset} from ${newValue} back to ${oldValue}?`
      given = await askReason(deps, { question, words: ['revert', String(changeId)], json: options.json === true })
    }
    const reason = given
    let answer: RevertAnswer | undefined
    ledger.append((entries) => {
      answer = answerFor(replayLedger(entries), reason)
      return answer.ok ? [answer.entry] : []
    })
    if (answer?.ok !== true) return refuse(answer!.refusal)
    const change = replayLedger(ledger.read()).changes[changeId - 1]!
    if (options.json === true) return writeJson(terminal, ChangedShape, viewChanged(change))
    const { id, asset, parameter, oldValue } = change
    const effectiveAtMs = change.verdicts.at(-1)!.effectiveAtMs!
    terminal.write(
      `Change ${id} is undone: ${parameter.name} of ${asset} is ${oldValue} from ${formatMinute(effectiveAtMs)} on.`,
    )
  })
}

export function changeNumber(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('It must be the number of a change.')
  return Number(text)
}
