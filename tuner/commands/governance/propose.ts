import { InvalidArgumentError } from 'commander'
import { writeJson } from '#core/base/cli/write-json'
import { formatMinute } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import { type Evidence, evidenceDays } from '#core/tuning/governance/evidence'
import type { GovernanceRefusal } from '#core/tuning/governance/governance-error'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import { horizonsOf, readValue } from '#core/tuning/governance/parameter-catalogue'
import {
  type Gate,
  type GateCircumstances,
  type PlannedChange,
  type Proposal,
  planChange,
  proposeChange,
} from '#core/tuning/governance/propose-change'
import { describeReach } from '#core/tuning/governance/reach'
import { ChangedShape, MeasuredShape, viewChanged, viewMeasured } from '#core/tuning/views/change-view'
import { askReason, type ReasonOptions, reasonOf, unspoken } from './ask-reason.ts'
import {
  chooseParameter,
  findAsset,
  type GovernanceContext,
  type GovernanceDeps,
  refuse,
  refuseDoubt,
  withGovernance,
} from './context.ts'
import { describeEvidence, tellEvidence } from './evidence-text.ts'
import { measureAndKeep } from './measure.ts'
import { wrap } from './text.ts'

export interface ProposeOptions extends ReasonOptions {
  readonly evidence?: number
  readonly force?: boolean
  readonly measure?: boolean
}

/**
 * Without --evidence and --force it measures first; the measured evidence stays, even if the gate then refuses. Without
 * --reason it shows the evidence, and a person at the terminal gives reason and consent.
 */
export function propose(
  deps: GovernanceDeps,
  names: { asset: string; parameter: string; value: string },
  options: ProposeOptions,
): Promise<void> {
  return withGovernance(deps, async (context) => {
    const { clock, terminal } = deps
    refuseDoubt(context)
    const asset = findAsset(context, names.asset)
    const parameter = chooseParameter(context, names.parameter)
    const read = readValue(parameter, names.value, context.models)
    if (!read.ok) return refuse({ code: 'PARAMETER_VALUE_INVALID', message: read.problem })
    const reason = reasonOf(options)
    const isForced = options.force === true
    let proposal: Proposal = { asset, parameter, value: read.value, by: 'operator', isForced, ...(reason ?? unspoken) }
    const given = (): GateCircumstances => ({
      nowMs: clock.nowMs(),
      minerStartedAtMs: minerStartOf(replayLedger(context.ledger.read()), context.facts.startedAtMs()),
      settings: context.settings,
      served: context.served,
    })
    const purpose = options.measure === true ? 'measure' : 'change'
    const planned = planChange(replayLedger(context.ledger.read()), proposal, given(), purpose)
    if (!planned.ok) return refuse(planned.refusal)
    const { reach, isPreparation } = planned.change
    const said = wrap('', describeReach(asset, parameter, reach))
    if (options.measure === true && reach.altered === 0) for (const line of said) terminal.warn(line)

    let evidence: Evidence | undefined
    if (options.evidence !== undefined) {
      evidence = context.evidence.findEvidence(options.evidence)
      if (evidence === undefined) {
        const message = `There is no evidence ${options.evidence}.`
        return refuse({ code: 'EVIDENCE_UNKNOWN', message })
      }
    } else if (options.measure === true || (!proposal.isForced && !isPreparation)) {
      const measured = await measure(deps, context, planned.change, proposal)
      if ('code' in measured) return refuse(measured)
      evidence = measured
    }
    if (options.measure === true && evidence !== undefined) {
      if (options.json === true) writeJson(terminal, MeasuredShape, viewMeasured(evidence, reach))
      else tellEvidence(terminal, evidence)
      return
    }

    const isAsked = reason === undefined
    if (isAsked) {
      if (options.json !== true) {
        for (const line of said) terminal.write(line)
        if (evidence !== undefined) tellEvidence(terminal, evidence)
      }
      const gate = proposeChange(replayLedger(context.ledger.read()), proposal, { ...given(), evidence })
      if (!gate.ok) return refuse(gate.refusal)
      const { oldValue, newValue } = planned.change.measured
      const words = [
        ...['propose', asset, parameter.name, String(newValue)],
        ...(evidence === undefined ? [] : ['--evidence', String(evidence.id)]),
        ...(proposal.isForced ? ['--force'] : []),
      ]
      const question = `Change ${parameter.name} of ${asset} from ${oldValue} to ${newValue}?`
      proposal = { ...proposal, ...(await askReason(deps, { question, words, json: options.json === true })) }
    }

    let gate: Gate | undefined
    context.ledger.append((entries) => {
      gate = proposeChange(replayLedger(entries), proposal, { ...given(), evidence })
      return gate.ok ? gate.entries : []
    })
    if (gate?.ok !== true) return refuse(gate!.refusal)
    const change = replayLedger(context.ledger.read()).changes[gate.changeId - 1]!
    if (options.json === true) return writeJson(terminal, ChangedShape, viewChanged(change))
    const { id, oldValue, newValue, effectiveAtMs } = change
    terminal.write(`Change ${id}: ${parameter.name} of ${asset} from ${oldValue} to ${newValue}.`)
    if (isPreparation) {
      const next = `${isAsked ? '' : `${describeReach(asset, parameter, reach)} `}It is kept without evidence and observation; "tuner propose ${asset} champion_${horizonsOf(parameter)[0]} blend" makes the blend serve.`
      for (const line of wrap('', next)) terminal.write(line)
      return
    }
    terminal.write(evidence === undefined ? 'Forced, without evidence.' : describeEvidence(evidence))
    if (!isAsked) for (const line of said) terminal.write(line)
    const next = `The miner applies it at ${formatMinute(effectiveAtMs)}, without a restart, and observes it for 14 days. "tuner revert ${id}" undoes it.`
    for (const line of wrap('', next)) terminal.write(line)
  })
}

async function measure(
  deps: GovernanceDeps,
  context: GovernanceContext,
  { measured: change, oldParameters, newParameters }: PlannedChange,
  { parameter }: Proposal,
): Promise<Evidence | GovernanceRefusal> {
  const { clock, terminal } = deps
  const toMs = clock.nowMs()
  if (terminal.columns !== undefined) {
    terminal.warn(`Scoring the prompts of ${evidenceDays} days with ${change.oldValue} and with ${change.newValue} …`)
  }
  const range = { fromMs: toMs - evidenceDays * dayMs, toMs }
  return measureAndKeep(deps, context, {
    change,
    horizons: horizonsOf(parameter),
    oldParameters,
    newParameters,
    ...range,
  })
}

export function evidenceId(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('It must be the number of an evidence.')
  return Number(text)
}
