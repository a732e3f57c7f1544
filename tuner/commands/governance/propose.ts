import { InvalidArgumentError } from 'commander'
import { QuietExit } from '#core/base/cli/quiet-exit'
import { writeJson } from '#core/base/cli/write-json'
import { exitCodes } from '#core/base/errors/codes'
import { formatMinute } from '#core/base/time/instant-text'
import { dayMs, hourSeconds } from '#core/base/time/units'
import {
  describeShare,
  describeSize,
  type Evidence,
  evidenceDays,
  isImprovement,
  measureChange,
} from '#core/tuning/governance/evidence'
import type { GovernanceRefusal } from '#core/tuning/governance/governance-error'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import { horizonsOf, readValue } from '#core/tuning/governance/parameter-catalogue'
import {
  defaultReason,
  type Gate,
  type GateCircumstances,
  type PlannedChange,
  type Proposal,
  planChange,
  proposeChange,
  refuseReason,
} from '#core/tuning/governance/propose-change'
import { describeReach, type Reach } from '#core/tuning/governance/reach'
import { ChangedShape, MeasuredShape, viewChanged, viewMeasured } from '#core/tuning/views/change-view'
import {
  chooseParameter,
  findAsset,
  type GovernanceContext,
  type GovernanceDeps,
  type JsonOption,
  refuse,
  refuseDoubt,
  withGovernance,
} from './context.ts'
import { shellLine, wrap } from './text.ts'

export interface ProposeOptions extends JsonOption {
  readonly reason?: string
  readonly evidence?: number
  readonly force?: boolean
  readonly measure?: boolean
  readonly yes?: boolean
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
    let proposal: Proposal = {
      ...{ asset, parameter, value: read.value, by: 'operator', isForced: options.force === true },
      ...(options.reason === undefined ? { reason: defaultReason, isDefaultReason: true } : { reason: options.reason }),
    }
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
    if (options.measure === true && evidence !== undefined) return tellEvidence(deps, evidence, reach, options)

    const isAsked = options.reason === undefined && options.yes !== true
    if (isAsked) {
      if (options.json !== true) {
        for (const line of said) terminal.write(line)
        if (evidence !== undefined) tellEvidence(deps, evidence, reach, options)
      }
      const gate = proposeChange(replayLedger(context.ledger.read()), proposal, { ...given(), evidence })
      if (!gate.ok) return refuse(gate.refusal)
      proposal = { ...proposal, ...(await askReason(deps, planned.change, { proposal, evidence, options })) }
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
    const next = `The miner applies it at ${formatMinute(effectiveAtMs)}, without a restart, and observes it for 14 days. "tuner revert ${id} --reason TEXT" undoes it.`
    for (const line of wrap('', next)) terminal.write(line)
  })
}

/** Reason and consent of a person; where there is none, the line to type. Ends the command without a yes. */
async function askReason(
  { ask, terminal, settings = [] }: GovernanceDeps,
  { measured }: PlannedChange,
  given: { readonly proposal: Proposal; readonly evidence: Evidence | undefined; readonly options: ProposeOptions },
): Promise<Pick<Proposal, 'reason' | 'isDefaultReason'>> {
  const { asset, parameter, oldValue, newValue } = measured
  const { proposal, evidence, options } = given
  if (ask === undefined || options.json === true) {
    const line = shellLine([
      ...['tuner', ...settings, 'propose', asset, parameter, String(newValue)],
      ...(evidence === undefined ? [] : ['--evidence', String(evidence.id)]),
      ...(proposal.isForced ? ['--force'] : []),
    ])
    return refuse({
      code: 'REASON_MISSING',
      message: 'Nothing was changed: there is no --reason, and nobody here to ask for one.',
      hint: `Run "${line} --yes", or the same with --reason TEXT; --yes alone stores the reason "${defaultReason}".`,
    })
  }
  const typed = (await ask(`Reason (Enter for "${defaultReason}"): `))?.trim()
  const problem = typed === undefined || typed === '' ? undefined : refuseReason(typed)
  if (problem !== undefined) return refuse(problem)
  const yes =
    typed === undefined
      ? undefined
      : await ask(`Change ${parameter} of ${asset} from ${oldValue} to ${newValue}? (y/N) `)
  if (!/^y(es)?$/i.test(yes?.trim() ?? '')) {
    terminal.write('Nothing was changed.')
    throw new QuietExit(exitCodes.failed)
  }
  return typed === undefined || typed === ''
    ? { reason: defaultReason, isDefaultReason: true }
    : { reason: typed, isDefaultReason: false }
}

async function measure(
  { clock, terminal }: GovernanceDeps,
  context: GovernanceContext,
  { measured: change, oldParameters, newParameters }: PlannedChange,
  { parameter }: Proposal,
): Promise<Evidence | GovernanceRefusal> {
  const toMs = clock.nowMs()
  if (terminal.columns !== undefined) {
    terminal.warn(`Scoring the prompts of ${evidenceDays} days with ${change.oldValue} and with ${change.newValue} …`)
  }
  const question = { change, horizons: horizonsOf(parameter), oldParameters, newParameters }
  const measured = await measureChange(context.scores, { ...question, fromMs: toMs - evidenceDays * dayMs, toMs })
  const outcome = measured.ok ? describeShare(measured.evidence.comparison) : measured.refusal.message
  const run = { kind: 'measure' as const, asset: change.asset, startedAtMs: toMs, finishedAtMs: clock.nowMs(), outcome }
  context.runs.recordRun(run)
  return measured.ok ? context.evidence.saveEvidence(measured.evidence) : measured.refusal
}

function tellEvidence({ terminal }: GovernanceDeps, evidence: Evidence, reach: Reach, { json }: JsonOption): void {
  const isBetter = isImprovement(evidence.comparison)
  if (json === true) {
    writeJson(terminal, MeasuredShape, viewMeasured(evidence, reach))
    return
  }
  terminal.write(describeEvidence(evidence))
  for (const horizon of evidence.comparison.horizons) {
    const name = `${horizon.timeLengthSeconds / hourSeconds}h`.padEnd(4)
    const means = `${horizon.oldMean.toFixed(2)} -> ${horizon.newMean.toFixed(2)}`
    const [low, high] = horizon.interval.map((bound) => bound.toFixed(2))
    terminal.write(`  ${name}${means}  ${horizon.meanDifference.toFixed(2)} (${low} to ${high}), n = ${horizon.count}`)
  }
  terminal.write(isBetter ? 'It supports the proposal.' : 'It does not support the proposal: chance could explain it.')
}

function describeEvidence({ id, comparison }: Evidence): string {
  return `Evidence ${id}: score ${describeShare(comparison)}, ${describeSize(comparison)}.`
}

export function evidenceId(text: string): number {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new InvalidArgumentError('It must be the number of an evidence.')
  return Number(text)
}
