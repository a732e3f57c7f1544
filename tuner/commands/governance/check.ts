import { QuietExit } from '#core/base/cli/quiet-exit'
import { writeJson } from '#core/base/cli/write-json'
import { exitCodes } from '#core/base/errors/codes'
import { currentValue, slotOf } from '#core/tuning/governance/change-parameters'
import { findObstacles } from '#core/tuning/governance/eligibility'
import { changesInForce, parametersOf, replayLedger } from '#core/tuning/governance/governance-state'
import { limitsOf } from '#core/tuning/governance/parameter-catalogue'
import { chooseParameter, findAsset, type GovernanceDeps, type JsonOption, withGovernance } from './context.ts'
import { CheckShape, instantOrNull, obstacleToJson } from './shapes.ts'
import { sourceOf } from './source-of.ts'
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
    const minerStartedAtMs = context.facts.startedAtMs()
    const obstacles = findObstacles(state, { asset, parameter, nowMs, minerStartedAtMs, mode })
    const limits = limitsOf(asset, parameter, overrides)
    const current = currentValue(parametersOf(state, asset, nowMs), parameter)
    const { source } = sourceOf(state, changesInForce(state, nowMs), { asset, slot: slotOf(parameter) })
    const isEligible = obstacles.length === 0
    if (options.json === true) {
      const waits = obstacles.map(({ untilMs }) => untilMs)
      const isTimeEnough = waits.length > 0 && waits.every((untilMs) => untilMs !== undefined)
      writeJson(terminal, CheckShape, {
        ...{ asset, parameter: parameter.name, current, source, eligible: isEligible },
        eligibleAt: isTimeEnough ? instantOrNull(Math.max(...(waits as number[]))) : null,
        obstacles: obstacles.map(obstacleToJson),
        bounds: limits === undefined ? null : { min: limits.min, max: limits.max },
        step: limits?.step ?? null,
        choices: limits === undefined ? [...context.models] : null,
      })
    } else {
      terminal.write(`${parameter.name} of ${asset}`)
      terminal.write(`  current   ${current} (${source})`)
      if (limits === undefined) terminal.write(`  choices   ${context.models.join(', ')}`)
      else {
        terminal.write(`  bounds    ${limits.min} to ${limits.max}`)
        terminal.write(`  step      ${limits.step}`)
      }
      terminal.write(`  eligible  ${isEligible ? paint(terminal, 'green', 'yes') : paint(terminal, 'yellow', 'no')}`)
      for (const { sentence } of obstacles) for (const line of wrap('  reason    ', sentence)) terminal.write(line)
    }
    if (!isEligible) throw new QuietExit(exitCodes.failed)
  })
}
