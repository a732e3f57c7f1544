import { writeJson } from '#core/base/cli/write-json'
import { formatDay, formatMinute } from '#core/base/time/instant-text'
import { minuteMs } from '#core/base/time/units'
import { horizonLabel, horizons } from '#core/synth/prompts/horizon'
import { type AssetInForce, describeInForce, type SlotInForce } from '#core/tuning/governance/describe-in-force'
import { minerStartOf, replayLedger, revisionAt } from '#core/tuning/governance/governance-state'
import { numberNames, readsNumber } from '#core/tuning/governance/number-parameters'
import type { ValueSource } from '#core/tuning/governance/value-source'
import { CurrentShape, viewCurrent } from '#core/tuning/views/current-view'
import { findAsset, type GovernanceDeps, type JsonOption, knownAssets, withGovernance } from './context.ts'
import { cut, paint, wrap } from './text.ts'

export interface CurrentOptions extends JsonOption {
  readonly asset?: readonly string[]
}

const marks: Readonly<Record<ValueSource, string>> = { default: ' ', tuned: '*', trial: '?' }

export function showCurrent(deps: GovernanceDeps, options: CurrentOptions): Promise<void> {
  return withGovernance(deps, (context) => {
    const { terminal, clock } = deps
    const state = replayLedger(context.ledger.read())
    const nowMs = clock.nowMs()
    const assets = options.asset?.map((name) => findAsset(context, name)) ?? knownAssets(context, state)
    const minerStartedAtMs = minerStartOf(state, context.facts.startedAtMs())
    const { served } = context
    const { mode } = context.settings
    const revision = revisionAt(state, nowMs)
    const reports = assets.map((asset) => describeInForce(state, { asset, nowMs, minerStartedAtMs, mode, served }))
    if (options.json === true) {
      const facts = { nowMs, revision, minerStartedAtMs }
      writeJson(terminal, CurrentShape, viewCurrent(reports, facts))
      return
    }
    terminal.write(`Effective parameters at ${formatMinute(nowMs)}, revision ${revision}`)
    terminal.write('')
    terminal.write('asset    lambda     df     cap  shrink   24h model     1h model      next change')
    for (const report of reports) {
      const line = describeRow(report, nowMs)
      terminal.write(report.open === undefined ? line : paint(terminal, 'yellow', line))
    }
    terminal.write('')
    terminal.write('* tuned   ? on trial   without a mark: default')
    for (const line of describeUnreached(reports)) terminal.write(line)
    for (const line of reports.flatMap((report) => describeNotes(report, nowMs))) terminal.write(line)
  })
}

/** The columns of the table. */
const shownNumbers: ReadonlySet<string> = new Set(['lambda', 'df', 'sigma_cap_daily', 'shrink_high'])

const isOfCalibrated = (slot: string): boolean =>
  numberNames.some((name) => name === slot && readsNumber('calibrated', name))

function describeRow({ asset, slots, open, nextChangeAtMs }: AssetInForce, nowMs: number): string {
  const slotOf = (name: string) => slots.find(({ slot }) => slot === name)
  const number = (report: SlotInForce | undefined, width: number): string =>
    `${cut(String(report!.value), width - 1).padStart(width - 1)}${marks[report!.source]}`
  const model = (report: SlotInForce | undefined): string =>
    `${cut(String(report!.value), 12)}${marks[report!.source]}`.padEnd(14)
  const next =
    open !== undefined
      ? `trial (${open.id})`
      : nextChangeAtMs === undefined
        ? 'not started'
        : nextChangeAtMs <= nowMs
          ? 'now'
          : formatDay(nextChangeAtMs)
  const numbers =
    number(slotOf('lambda'), 8) +
    number(slotOf('df'), 7) +
    number(slotOf('sigma_cap_daily'), 8) +
    number(slotOf('shrink_high'), 8)
  return `${cut(asset, 7).padEnd(7)} ${numbers}  ${model(slotOf('champion_low'))}${model(slotOf('champion_high'))}${next}`
}

/** What is shown above and has no part in any answer, in one sentence for all assets that are alike. */
function describeUnreached(reports: readonly AssetInForce[]): string[] {
  const groups = new Map<string, string[]>()
  for (const { asset, slots } of reports) {
    const unreached = slots.filter(({ slot, reach }) => shownNumbers.has(slot) && reach.altered === 0)
    if (unreached.length === 0) continue
    const serving = [...new Set(unreached.flatMap(({ reach }) => reach.servedBy.flatMap(({ models }) => models)))]
    const names = unreached.map(({ slot }) => slot).join(', ')
    const what = `${serving.join(' and ') || 'no model'} ${serving.length > 1 ? 'serve' : 'serves'}; ${names} alter${unreached.length === 1 ? 's' : ''} none of its answers`
    groups.set(what, [...(groups.get(what) ?? []), asset])
  }
  return [...groups].flatMap(([what, assets]) => wrap('', `${assets.join(', ')}: ${what}.`))
}

function describeNotes({ asset, slots, open, pending }: AssetInForce, nowMs: number): string[] {
  const notes: string[] = []
  for (const horizon of horizons) {
    const blend = slots.find(({ slot }) => slot === `blend_${horizon}`)!
    const isUsed = slots.find(({ slot }) => slot === `champion_${horizon}`)!.value === 'blend'
    if (blend.source === 'default' && !isUsed) continue
    const shares = Object.entries(blend.value as Record<string, number>).map(([model, share]) => `${model} ${share}`)
    notes.push(
      ...wrap('', `${asset} ${horizonLabel(horizon)} blend: ${shares.join(', ')}${marks[blend.source]}`.trimEnd()),
    )
  }
  const tuned = slots.filter(({ slot, source }) => isOfCalibrated(slot) && source !== 'default')
  if (tuned.length > 0) {
    const values = tuned.map(({ slot, value, source }) => `${slot} ${String(value)}${marks[source]}`)
    notes.push(...wrap('', `${asset} calibrated: ${values.join(', ')}`.trimEnd()))
  }
  for (const { id, parameter, newValue, effectiveAtMs } of pending) {
    notes.push(
      ...wrap('', `${asset}: ${parameter.name} ${newValue} from ${formatMinute(effectiveAtMs)} on (change ${id})`),
    )
  }
  // A running miner applies a change within a minute.
  if (open !== undefined && open.appliedAtMs === undefined && nowMs > open.effectiveAtMs + 2 * minuteMs) {
    notes.push(...wrap('', `${asset}: no miner has applied change ${open.id} yet; is it running on this database?`))
  }
  return notes
}
