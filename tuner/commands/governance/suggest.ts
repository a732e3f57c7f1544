import { writeJson } from '#core/base/cli/write-json'
import { dayMs } from '#core/base/time/units'
import { horizonLabel } from '#core/synth/prompts/horizon'
import { evidenceDays } from '#core/tuning/governance/evidence'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import { describeReach } from '#core/tuning/governance/reach'
import { type DiagnosisFacts, type Suggestion, suggestChanges } from '#core/tuning/governance/suggestion'
import { SuggestShape, viewSuggestions } from '#core/tuning/views/suggestion-view'
import { findAsset, type GovernanceDeps, type JsonOption, knownAssets, refuse, withGovernance } from './context.ts'
import { wrap } from './text.ts'

export interface SuggestOptions extends JsonOption {
  readonly asset?: readonly string[]
  /** Of older miners, whose suggestions came from such a file. */
  readonly diagnosticsFile?: string
}

export function suggest(deps: GovernanceDeps, options: SuggestOptions): Promise<void> {
  return withGovernance(deps, async (context) => {
    const { terminal, clock } = deps
    if (options.diagnosticsFile !== undefined) {
      terminal.warn(`${options.diagnosticsFile} is not read: suggestions come from the scores in the database.`)
    }
    const state = replayLedger(context.ledger.read())
    const nowMs = clock.nowMs()
    const assets = options.asset?.map((name) => findAsset(context, name)) ?? knownAssets(context, state)
    const range = { fromMs: nowMs - evidenceDays * dayMs, toMs: nowMs }
    const facts = (await Promise.all(assets.map((asset) => context.diagnoses.readFacts({ asset, ...range })))).flat()
    if (facts.length === 0) {
      const message = `No prompt of ${assets.join(', ')} in the last ${evidenceDays} days has been scored.`
      return refuse({ code: 'DIAGNOSIS_MISSING', message })
    }
    const bare = facts.filter(({ baseline }) => baseline === undefined)
    const given = {
      nowMs,
      minerStartedAtMs: minerStartOf(state, context.facts.startedAtMs()),
      settings: context.settings,
      served: context.served,
    }
    const suggestions = suggestChanges(state, facts, given)
    if (options.json === true) {
      writeJson(terminal, SuggestShape, viewSuggestions(suggestions))
      return
    }
    if (bare.length > 0) for (const line of wrap('', withoutBaseline(bare))) terminal.write(line)
    if (suggestions.length === 0) terminal.write('Nothing stands out: no change is suggested.')
    for (const line of suggestions.flatMap(describe)) terminal.write(line)
  })
}

function withoutBaseline(facts: readonly DiagnosisFacts[]): string {
  const names = facts.map(({ asset, horizon }) => `${asset} ${horizonLabel(horizon)}`)
  return `No baseline was scored on the prompts of ${names.join(', ')}: for these only coverage and width are used. "tuner replay --model reference" scores one.`
}

function describe({ asset, parameter, oldValue, newValue, because, reach, obstacles }: Suggestion): string[] {
  const [first] = obstacles
  return [
    `${asset} ${parameter.name} ${oldValue} -> ${newValue}`,
    ...wrap('  because   ', because),
    ...wrap('  alters    ', describeReach(asset, parameter, reach)),
    ...(first === undefined
      ? [`  next      tuner propose ${asset} ${parameter.name} ${newValue}`]
      : wrap('  not yet   ', first.sentence)),
    '',
  ]
}
