import { writeJson } from '#core/base/cli/write-json'
import { formatDay, formatMinute } from '#core/base/time/instant-text'
import { minuteMs } from '#core/market/venues/minute-history'
import { formatInstant } from '#core/synth/regimes/instant'
import { readSlot, type SlotValue, slotOf } from '#core/tuning/governance/change-parameters'
import { findObstacles } from '#core/tuning/governance/eligibility'
import {
  type Change,
  changesInForce,
  type GovernanceState,
  openChangeOf,
  parametersOf,
  replayLedger,
  revisionAt,
  statusOf,
} from '#core/tuning/governance/governance-state'
import { grids, type Parameter, toParameter } from '#core/tuning/governance/parameter-catalogue'
import {
  findAsset,
  type GovernanceContext,
  type GovernanceDeps,
  type JsonOption,
  knownAssets,
  withGovernance,
} from './context.ts'
import { CurrentShape, instantOrNull } from './shapes.ts'
import { sourceOf, type ValueSource } from './source-of.ts'
import { cut, paint, wrap } from './text.ts'

export interface CurrentOptions extends JsonOption {
  readonly asset?: readonly string[]
}

interface SlotReport {
  readonly slot: string
  readonly value: SlotValue
  readonly source: ValueSource
  readonly change: Change | undefined
}

interface AssetReport {
  readonly asset: string
  readonly slots: readonly SlotReport[]
  readonly open: Change | undefined
  /** Undefined: something has to happen first. */
  readonly nextChangeAtMs: number | undefined
  readonly pending: readonly Change[]
}

/** By one member each: a blend is shown whole. */
const shownParameters: readonly Parameter[] = [
  'lambda',
  'df',
  'sigma_cap_daily',
  'shrink_high',
  'champion_low',
  'champion_high',
  'blend_low.calibrated',
  'blend_high.calibrated',
].map((name) => toParameter(name)!)
const marks: Readonly<Record<ValueSource, string>> = { default: ' ', tuned: '*', trial: '?' }

export function showCurrent(deps: GovernanceDeps, options: CurrentOptions): Promise<void> {
  return withGovernance(deps, (context) => {
    const { terminal, clock } = deps
    const state = replayLedger(context.ledger.read())
    const nowMs = clock.nowMs()
    const assets = options.asset?.map((name) => findAsset(context, name)) ?? knownAssets(context, state)
    const reports = assets.map((asset) => reportAsset(context, state, { asset, nowMs }))
    if (options.json === true) {
      writeJson(terminal, CurrentShape, {
        at: formatInstant(nowMs),
        revision: revisionAt(state, nowMs),
        minerStartedAt: instantOrNull(context.facts.startedAtMs()),
        assets: reports.map(({ asset, slots, open, nextChangeAtMs, pending }) => ({
          asset,
          parameters: slots.map(({ slot, value, source, change }) => ({
            ...{ parameter: slot, value, source, changeId: change?.id ?? null },
            since: instantOrNull(change?.effectiveAtMs),
            appliedAt: instantOrNull(change?.appliedAtMs),
          })),
          openChangeId: open?.id ?? null,
          nextChangeAt: instantOrNull(nextChangeAtMs),
          pendingChangeIds: pending.map(({ id }) => id),
        })),
      })
      return
    }
    terminal.write(`Parameters in force at ${formatMinute(nowMs)}, revision ${revisionAt(state, nowMs)}`)
    terminal.write('')
    terminal.write('asset    lambda     df     cap  shrink   24h model     1h model      next change')
    for (const report of reports) {
      const line = describeRow(report, nowMs)
      terminal.write(report.open === undefined ? line : paint(terminal, 'yellow', line))
    }
    terminal.write('')
    terminal.write('* tuned   ? on trial   without a mark: default')
    for (const line of reports.flatMap((report) => describeNotes(report, nowMs))) terminal.write(line)
  })
}

function reportAsset(
  { facts, settings }: GovernanceContext,
  state: GovernanceState,
  { asset, nowMs }: { asset: string; nowMs: number },
): AssetReport {
  const parameters = parametersOf(state, asset, nowMs)
  const inForce = changesInForce(state, nowMs)
  const question = { asset, nowMs, minerStartedAtMs: facts.startedAtMs(), mode: settings.mode }
  // The earliest of all parameters: with governance.mode perParameter they may differ.
  const waits = shownParameters.map((parameter) =>
    Math.max(nowMs, ...findObstacles(state, { ...question, parameter }).map(({ untilMs }) => untilMs ?? Infinity)),
  )
  const nextChangeAtMs = Math.min(...waits)
  return {
    asset,
    slots: shownParameters.map((parameter) => {
      const slot = slotOf(parameter)
      return { slot, value: readSlot(parameters, parameter), ...sourceOf(state, inForce, { asset, slot }) }
    }),
    open: openChangeOf(state, asset),
    nextChangeAtMs: nextChangeAtMs === Infinity ? undefined : nextChangeAtMs,
    pending: state.changes.filter(
      (change) => change.asset === asset && change.effectiveAtMs > nowMs && statusOf(change) === 'observed',
    ),
  }
}

function describeRow({ asset, slots, open, nextChangeAtMs }: AssetReport, nowMs: number): string {
  const [lambda, df, cap, shrink, low, high] = slots
  const number = (report: SlotReport | undefined, width: number): string =>
    `${cut(String(report!.value), width - 1).padStart(width - 1)}${marks[report!.source]}`
  const model = (report: SlotReport | undefined): string =>
    `${cut(String(report!.value), 12)}${marks[report!.source]}`.padEnd(14)
  const next =
    open !== undefined
      ? `trial (${open.id})`
      : nextChangeAtMs === undefined
        ? 'not started'
        : nextChangeAtMs <= nowMs
          ? 'now'
          : formatDay(nextChangeAtMs)
  const numbers = number(lambda, 8) + number(df, 7) + number(cap, 8) + number(shrink, 8)
  return `${cut(asset, 7).padEnd(7)} ${numbers}  ${model(low)}${model(high)}${next}`
}

function describeNotes({ asset, slots, open, pending }: AssetReport, nowMs: number): string[] {
  const notes: string[] = []
  for (const grid of grids) {
    const blend = slots.find(({ slot }) => slot === `blend_${grid}`)!
    const isUsed = slots.find(({ slot }) => slot === `champion_${grid}`)!.value === 'blend'
    if (blend.source === 'default' && !isUsed) continue
    const shares = Object.entries(blend.value as Record<string, number>).map(([model, share]) => `${model} ${share}`)
    const horizon = grid === 'low' ? '24h' : '1h'
    notes.push(...wrap('', `${asset} ${horizon} blend: ${shares.join(', ')}${marks[blend.source]}`.trimEnd()))
  }
  for (const { id, parameter, newValue, effectiveAtMs } of pending) {
    notes.push(
      ...wrap('', `${asset}: ${parameter.name} ${newValue} from ${formatMinute(effectiveAtMs)} on (change ${id})`),
    )
  }
  // A running miner takes a change within a minute.
  if (open !== undefined && open.appliedAtMs === undefined && nowMs > open.effectiveAtMs + 2 * minuteMs) {
    notes.push(...wrap('', `${asset}: no miner has taken change ${open.id} yet; is it running on this database?`))
  }
  return notes
}
