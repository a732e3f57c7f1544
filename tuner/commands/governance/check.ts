import { QuietExit } from '#core/base/cli/quiet-exit'
import { writeJson } from '#core/base/cli/write-json'
import { exitCodes } from '#core/base/errors/codes'
import { checkParameter } from '#core/tuning/governance/check-parameter'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import { describeReach } from '#core/tuning/governance/reach'
import { CheckShape, viewCheck } from '#core/tuning/views/check-view'
import { chooseParameter, findAsset, type GovernanceDeps, type JsonOption, withGovernance } from './context.ts'
import { paint, wrap } from './text.ts'

/** Exit 0: a change may be proposed now; 1: not yet, and why. */
export function check(deps: GovernanceDeps, names: { asset: string; parameter: string }, options: JsonOption) {
  return withGovernance(deps, (context) => {
    const { terminal, clock } = deps
    const asset = findAsset(context, names.asset)
    const parameter = chooseParameter(context, names.parameter)
    const state = replayLedger(context.ledger.read())
    const nowMs = clock.nowMs()
    const { mode, limits: overrides } = context.settings
    const { served } = context
    const minerStartedAtMs = minerStartOf(state, context.facts.startedAtMs())
    const question = { asset, parameter, nowMs, minerStartedAtMs, mode }
    const checked = checkParameter(state, question, { limits: overrides, served })
    const { current, source, obstacles, limits, reach } = checked
    const isEligible = obstacles.length === 0
    if (options.json === true) {
      writeJson(terminal, CheckShape, viewCheck(checked, context.models))
    } else {
      terminal.write(`${parameter.name} of ${asset}`)
      terminal.write(`  current   ${current} (${source})`)
      if (limits === undefined) terminal.write(`  choices   ${context.models.join(', ')}`)
      else {
        terminal.write(`  bounds    ${limits.min} to ${limits.max}`)
        terminal.write(`  step      ${limits.step}`)
      }
      if (reach.altered > 0) {
        for (const line of wrap('  alters    ', describeReach(asset, parameter, reach, 'a change')))
          terminal.write(line)
      }
      terminal.write(`  eligible  ${isEligible ? paint(terminal, 'green', 'yes') : paint(terminal, 'yellow', 'no')}`)
      for (const { sentence } of obstacles) for (const line of wrap('  reason    ', sentence)) terminal.write(line)
    }
    if (!isEligible) throw new QuietExit(exitCodes.failed)
  })
}
