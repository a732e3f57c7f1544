import { InvalidArgumentError } from 'commander'
import { writeJson } from '#core/base/cli/write-json'
import { formatMinute } from '#core/base/time/instant-text'
import { replayLedger } from '#core/tuning/governance/governance-state'
import { type RevertAnswer, revertChange } from '#core/tuning/governance/revert-change'
import { ChangedShape, viewChanged } from '#core/tuning/views/change-view'
import { type GovernanceDeps, type JsonOption, refuse, refuseDoubt, withGovernance } from './context.ts'

export interface RevertOptions extends JsonOption {
  readonly reason?: string
}

export function revert(deps: GovernanceDeps, changeId: number, options: RevertOptions): Promise<void> {
  return withGovernance(deps, (context) => {
    const { terminal, clock } = deps
    const { ledger } = context
    refuseDoubt(context)
    let answer: RevertAnswer | undefined
    ledger.append((entries) => {
      const state = replayLedger(entries)
      // The miner's last observation goes into the verdict.
      const seen = state.changes[changeId - 1]?.observations.at(-1)
      const { assessment = 'unknown', comparison = null } = seen ?? {}
      const nowMs = clock.nowMs()
      const reason = options.reason ?? ''
      answer = revertChange(state, { changeId, reason, by: 'operator', nowMs, assessment, comparison })
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
