import { writeJson } from '#core/base/cli/write-json'
import { UsageError } from '#core/base/errors/app-error'
import { counted } from '#core/base/text/counted'
import { nearestName } from '#core/base/text/nearest-name'
import { formatDay, formatMinute } from '#core/base/time/instant-text'
import { dayMs } from '#core/base/time/units'
import { blendMembers } from '#core/forecast/models/model-names'
import type { AssetParameters } from '#core/forecast/parameters/asset-parameters'
import { type Horizon, horizonLabel, horizonSeconds } from '#core/synth/prompts/horizon'
import { questionOf, type Step, stepsTo } from '#core/tuning/governance/blend-proposals'
import { evidenceDays, heldOutDays } from '#core/tuning/governance/evidence'
import { type FittedBlend, fitBlend } from '#core/tuning/governance/fit-blend'
import type { GovernanceRefusal } from '#core/tuning/governance/governance-error'
import { minerStartOf, parametersOf, replayLedger } from '#core/tuning/governance/governance-state'
import { limitsOf, toParameter, writeShares } from '#core/tuning/governance/parameter-catalogue'
import { defaultReason, type Gate, type Proposal } from '#core/tuning/governance/propose-change'
import { proposeInTurn } from '#core/tuning/governance/propose-in-turn'
import { describeReach, reachOf } from '#core/tuning/governance/reach'
import { type BlendReport, BlendShape, viewBlend } from '#core/tuning/views/blend-view'
import { askReason } from './ask-reason.ts'
import {
  findAsset,
  type GovernanceContext,
  type GovernanceDeps,
  type JsonOption,
  refuse,
  refuseDoubt,
  withGovernance,
} from './context.ts'
import { describeEvidence, tellEvidence } from './evidence-text.ts'
import { measureAndKeep } from './measure.ts'
import { wrap } from './text.ts'

export interface BlendOptions extends JsonOption {
  readonly models?: readonly string[]
  readonly heldOut?: number
  readonly reason?: string
  readonly measure?: boolean
  readonly yes?: boolean
}

/** Fits the shares on older days, measures what they lead to on the newest ones, and proposes it through the same gate. */
export function blend(
  deps: GovernanceDeps,
  names: { readonly asset: string; readonly horizon: Horizon },
  options: BlendOptions,
): Promise<void> {
  return withGovernance(deps, async (context) => {
    const { clock, terminal } = deps
    const { horizon } = names
    refuseDoubt(context)
    const asset = findAsset(context, names.asset)
    const models = chooseModels(context, options.models)
    const nowMs = clock.nowMs()
    const heldFromMs = nowMs - (options.heldOut ?? heldOutDays) * dayMs
    // What is settled before the held-out days: nothing of them is known to the fit.
    const toMs = heldFromMs - horizonSeconds[horizon] * 1000
    const range = { fromMs: heldFromMs - evidenceDays * dayMs, toMs }
    const parameters = parametersOf(replayLedger(context.ledger.read()), asset)
    if (terminal.columns !== undefined) {
      terminal.warn(`Scoring ${models.join(', ')} alone and in pairs on the prompts of ${evidenceDays} days …`)
    }
    const outcome = await fitBlend(context.scores, models, { asset, horizon, ...range, parameters })
    if (!outcome.ok) return refuse(outcome.refusal)
    const { fitted } = outcome
    const steps = stepsOf(context, { asset, horizon, parameters, fitted })
    const report = { asset, horizon, ...range, fitted, changes: [] }
    const isText = options.json !== true
    if (isText) tellFit(deps, report)
    if (!isSome(steps)) {
      if (isText) for (const line of wrap('', describeNothing(parameters, horizon))) terminal.write(line)
      else writeJson(terminal, BlendShape, viewBlend({ ...report, proposals: [], measured: undefined }))
      return
    }

    const isAsked = options.reason === undefined && options.yes !== true
    const reason = options.reason ?? defaultReason
    const proposalsFor = (given: Pick<Proposal, 'reason' | 'isDefaultReason'>) =>
      steps.map((step): Proposal => ({ asset, ...step, by: 'operator', isForced: false, ...given })) as [Proposal]
    let proposals = proposalsFor({ reason, ...(options.reason === undefined ? { isDefaultReason: true } : {}) })
    const last = steps.at(-1)!.parameter
    const reach = reachOf(context.served, asset, last, parameters)
    const evidence = await measureAndKeep(deps, context, {
      ...questionOf(asset, parameters, steps),
      ...{ fromMs: heldFromMs, toMs: nowMs },
    })
    if ('code' in evidence) return refuse(evidence)
    if (isText) {
      for (const line of wrap('', describeSteps(asset, steps, fitted))) terminal.write(line)
      if (isAsked || options.measure === true) tellEvidence(terminal, evidence)
    }
    if (options.measure === true) {
      if (!isText) writeJson(terminal, BlendShape, viewBlend({ ...report, proposals, measured: { evidence, reach } }))
      return
    }

    const gateOn = (entries: Parameters<typeof proposeInTurn>[0]): Gate =>
      proposeInTurn(entries, proposals, {
        nowMs: clock.nowMs(),
        minerStartedAtMs: minerStartOf(replayLedger(entries), context.facts.startedAtMs()),
        ...{ settings: context.settings, served: context.served, evidence },
      })
    if (isAsked) {
      if (isText) for (const line of wrap('', describeReach(asset, last, reach))) terminal.write(line)
      const gate = gateOn(context.ledger.read())
      if (!gate.ok) return refuse(withOwnHint(gate.refusal, steps, asset))
      const words = ['blend', asset, horizonLabel(horizon), ...wordsOf(options)]
      const change = steps.map(({ parameter, value }) => `${parameter.name} of ${asset} to ${value}`).join(' and ')
      proposals = proposalsFor(await askReason(deps, { question: `Change ${change}?`, words, json: !isText }))
    }
    let gate: Gate | undefined
    context.ledger.append((entries) => {
      gate = gateOn(entries)
      return gate.ok ? gate.entries : []
    })
    if (gate?.ok !== true) return refuse(withOwnHint(gate!.refusal, steps, asset))
    const changes = replayLedger(context.ledger.read()).changes.slice(gate.changeId - steps.length, gate.changeId)
    if (!isText) {
      writeJson(terminal, BlendShape, viewBlend({ ...report, proposals, measured: { evidence, reach }, changes }))
      return
    }
    for (const { id, parameter, oldValue, newValue } of changes) {
      for (const line of wrap(`Change ${id}: `, `${parameter.name} of ${asset} from ${oldValue} to ${newValue}.`))
        terminal.write(line)
    }
    if (!isAsked) terminal.write(describeEvidence(evidence))
    const { id, effectiveAtMs } = changes.at(-1)!
    const next = `The miner applies it at ${formatMinute(effectiveAtMs)}, without a restart, and observes it for 14 days. "tuner revert ${id}" undoes it.`
    for (const line of wrap('', next)) terminal.write(line)
  })
}

function chooseModels(context: GovernanceContext, asked: readonly string[] | undefined): readonly string[] {
  const known = blendMembers(context.models)
  const odd = asked?.find((name) => !known.includes(name))
  if (odd !== undefined) {
    const near = nearestName(odd, known)
    throw new UsageError('MODEL_UNKNOWN', `There is no model ${odd} for a blend.`, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${known.join(', ')}.`,
    })
  }
  const models = asked === undefined ? known : known.filter((name) => asked.includes(name))
  if (models.length > 1) return models
  throw new UsageError('USAGE', 'A blend needs two models or more.', { hint: `Known are ${known.join(', ')}.` })
}

function stepsOf(
  { served, settings }: GovernanceContext,
  {
    asset,
    horizon,
    parameters,
    fitted,
  }: Pick<BlendReport, 'asset' | 'horizon' | 'fitted'> & { readonly parameters: AssetParameters },
): Step[] {
  const shares = toParameter(`blend_${horizon}`)!
  const isServed = reachOf(served, asset, shares, parameters).altered > 0
  const { step } = limitsOf(asset, shares, settings.limits)!
  return stepsTo(sharesOf(fitted), parameters, { horizon, isServed, step })
}

function sharesOf({ members }: FittedBlend): Record<string, number> {
  return Object.fromEntries(members.map(({ model, share }) => [model, share]))
}

function isSome(steps: readonly Step[]): steps is readonly [...Step[], Step] {
  return steps.length > 0
}

function wordsOf({ models, heldOut }: BlendOptions): string[] {
  return [
    ...(models === undefined ? [] : ['--models', ...models]),
    ...(heldOut === undefined ? [] : ['--held-out', String(heldOut)]),
  ]
}

function tellFit(
  { terminal }: GovernanceDeps,
  report: Pick<BlendReport, 'asset' | 'horizon' | 'toMs' | 'fitted'>,
): void {
  const { asset, horizon, toMs, fitted } = report
  const { members, leftOut, mean, count, days } = fitted
  const what = `${asset} ${horizonLabel(horizon)}, fitted on ${counted(count, 'prompt')} of ${counted(days, 'day')} until ${formatDay(toMs)}; the days after it judge the fit:`
  for (const line of wrap('', what)) terminal.write(line)
  const width = Math.max(...members.map(({ model }) => model.length), 'together'.length)
  const row = (name: string, score: string, share: string): string =>
    `  ${name.padEnd(width)} ${score.padStart(10)} ${share.padStart(7)}`.trimEnd()
  terminal.write(row('model', 'alone', 'share'))
  for (const { model, meanAlone, share } of members) terminal.write(row(model, meanAlone.toFixed(2), share.toFixed(2)))
  terminal.write(row('together', mean.toFixed(2), ''))
  for (const { model, count: prompts } of leftOut) {
    for (const line of wrap('  ', `${model} is left out: it has a score on ${counted(prompts, 'prompt')} only.`))
      terminal.write(line)
  }
}

/** There is no --force here: whoever decides against the evidence does it step by step. */
function withOwnHint(refusal: GovernanceRefusal, steps: readonly Step[], asset: string): GovernanceRefusal {
  if (refusal.code !== 'EVIDENCE_NOT_CONVINCING') return refusal
  const lines = steps.map(({ parameter, value }) => `"tuner propose ${asset} ${parameter.name} ${value} --force"`)
  return { ...refusal, hint: `Keep what serves. To decide against the evidence: ${lines.join(', then ')}.` }
}

function describeSteps(asset: string, steps: readonly Step[], fitted: FittedBlend): string {
  const words = steps.map(({ parameter, value }) => `${parameter.name} of ${asset} becomes ${value}`).join(' and ')
  const shares = steps.find(({ parameter }) => parameter.kind === 'shares')?.value
  const isPart = shares !== undefined && shares !== writeShares(sharesOf(fitted))
  return `${words}${isPart ? '; a share moves by one step at a time' : ''}.`
}

function describeNothing({ champion }: AssetParameters, horizon: Horizon): string {
  return `Nothing to propose: ${champion[horizon]} already serves so.`
}
