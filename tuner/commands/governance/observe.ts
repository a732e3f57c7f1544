import { writeJson } from '#core/base/cli/write-json'
import type { Logger } from '#core/base/log/logger'
import { counted } from '#core/base/text/counted'
import { observeChanges } from '#core/tuning/governance/observe-changes'
import { proposeAutomatically } from '#core/tuning/governance/propose-automatically'
import { ObservedShape } from '#core/tuning/views/change-view'
import { type GovernanceDeps, type JsonOption, refuseDoubt, withGovernance } from './context.ts'

/**
 * The miner runs this once a day. It checks the changes under observation, writes verdicts, undoes a change that became
 * worse if that is switched on, and proposes one change if that is switched on too.
 */
export function observe(deps: GovernanceDeps & { readonly log: Logger }, options: JsonOption): Promise<void> {
  return withGovernance(deps, async (context) => {
    const { terminal, clock, log } = deps
    refuseDoubt(context)
    const before = context.ledger.read().length
    await observeChanges({ ...context, clock, log }, { autoRevert: context.settings.autoRevert })
    if (context.settings.autoPropose) {
      await proposeAutomatically({ ...context, clock, log }, context.assets, context.settings)
    }
    const written = context.ledger.read().length - before
    const news = `${counted(written, 'new entry', 'new entries')}; see "tuner history".`
    if (options.json === true) writeJson(terminal, ObservedShape, { written })
    else terminal.write(written === 0 ? 'Nothing new in the ledger.' : news)
  })
}
