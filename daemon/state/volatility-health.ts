import type { PartHealth } from '#core/base/health/health-board'
import { hourMs } from '#core/base/time/units'
import type { SetProblem } from '#core/forecast/models/states/calibrated-sets'
import { type Horizon, horizonLabel } from '#core/synth/prompts/horizon'
import { formatInstant } from '#core/synth/regimes/instant'

export interface VolatilityFacts {
  readonly nowMs: number
  readonly assets: readonly {
    readonly asset: string
    /** -Infinity when no minute was ever read. */
    readonly seenToMs: number
    readonly isDegraded: boolean
    readonly missingSets: readonly Horizon[]
  }[]
  readonly rebuilding: readonly string[]
  readonly setProblems: readonly SetProblem[]
  readonly failure: string | undefined
}

/** Something always trades: when nothing is newer than this, no minutes arrive. */
const allOldAfterMs = hourMs
/** The longest closing of a market: a weekend with a holiday. */
const oneOldAfterMs = 96 * hourMs

/** The condition of the volatility states: what uses defaults or old minutes, and what to do about it. */
export function describeVolatility(facts: VolatilityFacts): PartHealth {
  const { assets, nowMs, rebuilding, setProblems, failure } = facts
  if (assets.length === 0) return { state: 'notConfigured', sentence: 'No asset is recorded, so none has a state.' }
  const unseen = assets.filter(({ seenToMs }) => !Number.isFinite(seenToMs))
  const seen = assets.filter(({ seenToMs }) => Number.isFinite(seenToMs))
  const thin = seen.filter(({ isDegraded, asset }) => isDegraded && !rebuilding.includes(asset))
  const newestMs = Math.max(...seen.map(({ seenToMs }) => seenToMs))
  const isAllOld = seen.length > 0 && nowMs - newestMs > allOldAfterMs
  const old = isAllOld ? [] : seen.filter(({ seenToMs }) => nowMs - seenToMs > oneOldAfterMs)
  const [problem] = setProblems
  const troubles = [
    unseen.length === 0 ? '' : `No minutes of ${namesOf(unseen)} yet: defaults are used.`,
    thin.length === 0 ? '' : `Too few minutes of ${namesOf(thin)}: defaults are used in part.`,
    isAllOld ? `The newest minute is from ${timeOf(newestMs)}.` : '',
    old.length === 0 ? '' : `No minutes of ${namesOf(old)} for days.`,
    rebuilding.length === 0 ? '' : `Being rebuilt: ${rebuilding.join(', ')}.`,
    problem === undefined ? '' : `${problem.path} is not used: ${problem.reason}.`,
    setProblems.length > 1 ? `${setProblems.length - 1} more parameter files are not used.` : '',
    failure === undefined ? '' : `The state is kept in memory only: ${failure}`,
  ].filter((sentence) => sentence !== '')
  if (troubles.length === 0) {
    return { state: 'ok', sentence: `State of ${assets.length} assets up to ${timeOf(newestMs)}.${bare(assets)}` }
  }
  const hint =
    problem !== undefined
      ? 'Write the file again with "tuner calibrate", or remove it.'
      : unseen.length > 0 || thin.length > 0
        ? 'The recorder fills them; "tuner minutes backfill" and "tuner minutes import" bring older ones at once.'
        : undefined
  return { state: 'degraded', sentence: troubles.join(' '), ...(hint === undefined ? {} : { hint }) }
}

/** Not a fault: nobody has fitted them, and the next model answers. */
function bare(assets: VolatilityFacts['assets']): string {
  const names = assets
    .filter(({ missingSets }) => missingSets.length > 0)
    .map(({ asset, missingSets }) => `${asset} (${missingSets.map(horizonLabel).join(', ')})`)
  return names.length === 0 ? '' : ` No calibrated parameters of ${names.join(', ')}.`
}

function namesOf(assets: readonly { readonly asset: string }[]): string {
  return assets.map(({ asset }) => asset).join(', ')
}

function timeOf(openAtMs: number): string {
  return formatInstant(openAtMs)
}
