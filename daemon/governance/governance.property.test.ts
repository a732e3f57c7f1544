import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { dayMs, hourMs } from '#core/base/time/units'
import { currentValue } from '#core/tuning/governance/change-parameters'
import { parametersOf, replayLedger, statusOf } from '#core/tuning/governance/governance-state'
import type { Limits } from '#core/tuning/governance/number-parameters'
import { observeChanges } from '#core/tuning/governance/observe-changes'
import { limitsOf, toParameter } from '#core/tuning/governance/parameter-catalogue'
import { parametersInForce } from '#core/tuning/governance/parameters-in-force'
import { verifyLedger } from '#core/tuning/governance/verify-ledger'
import { aGovernanceLab, codeOf, labStartMs, MadeScores } from '#tests/support/governance-lab'
import { LiveParameters } from './live-parameters.ts'

const assets = ['BTC', 'ETH', 'XAU']
const numbers = ['lambda', 'df', 'sigma_cap_daily', 'shrink_high', 'blend_low.ewma', 'blend_low.calibrated']

type Step =
  | { readonly do: 'propose'; readonly asset: string; readonly name: string; readonly steps: number }
  | { readonly do: 'crown'; readonly asset: string; readonly model: string }
  | { readonly do: 'wait'; readonly hours: number }
  | { readonly do: 'observe'; readonly factor: number; readonly autoRevert: boolean }
  | { readonly do: 'revert'; readonly id: number }
  | { readonly do: 'restart' }

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('propose' as const),
      asset: fc.constantFrom(...assets),
      name: fc.constantFrom(...numbers),
      steps: fc.constantFrom(-2, -1.1, -1, -0.5, 0, 0.5, 1, 1.1, 2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crown' as const),
      asset: fc.constantFrom(...assets),
      model: fc.constantFrom('calibrated', 'ewma', 'blend'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      hours: fc.oneof(fc.integer({ min: -48, max: 48 }), fc.integer({ min: 0, max: 60 * 24 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('observe' as const),
      factor: fc.constantFrom(0.9, 1, 1.1),
      autoRevert: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revert' as const), id: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
)

it('holds its promises through any proposals, undoings, restarts and turns of the clock', {
  timeout: 60_000,
}, async () => {
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('perAsset' as const, 'perParameter' as const),
      fc.array(aStep, { minLength: 30, maxLength: 60 }),
      async (mode, steps) => {
        const lab = aGovernanceLab({ mode })
        const scores = new MadeScores()
        scores.promptsPerDay = 4
        let live = new LiveParameters(lab)
        let seenMs = labStartMs
        let before: readonly unknown[] = []
        for (const step of steps) {
          if (step.do === 'wait') await lab.clock.advance(step.hours * hourMs)
          else if (step.do === 'revert') lab.revert(step.id)
          else if (step.do === 'restart') live = new LiveParameters({ ...lab, ledger: new SqliteLedgerStore(lab.db) })
          else if (step.do === 'observe') {
            scores.factor = step.factor
            const deps = { ...lab, scores, runs: lab.store }
            await observeChanges(deps, step).catch((error) => expect(error.code).toBe('LEDGER_CLOCK_BEHIND'))
          } else if (codeOf(tryProposal(lab, step)) === 'ok') accepted += 1

          // A daemon that starts anew knows the time only as the clock has it then, and as the ledger says that it was.
          const knownMs = Math.max(lab.clock.nowMs(), lab.state().lastEntry?.atMs ?? 0)
          seenMs = step.do === 'restart' ? knownMs : Math.max(seenMs, lab.clock.nowMs())
          live.refresh(seenMs)
          const rows = lab.ledger.readRows()
          expect(rows.slice(0, before.length)).toEqual(before)
          before = rows
          checkState(lab, mode)
          const fresh = parametersInForce(replayLedger(new SqliteLedgerStore(lab.db).read()), seenMs)
          expect(live.inForce().revision).toBe(fresh.revision)
          for (const asset of assets) expect(live.inForce().of(asset)).toEqual(fresh.of(asset))
        }
        expect(verifyLedger(lab.ledger, (text) => createHash('sha256').update(text).digest('hex')).problems).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
  // Else all of this would be about empty ledgers.
  expect(accepted).toBeGreaterThan(40)
})

type Lab = ReturnType<typeof aGovernanceLab>

function tryProposal(lab: Lab, step: Step & { do: 'propose' | 'crown' }) {
  if (step.do === 'crown') return lab.propose(step.asset, 'champion_high', step.model)
  const parameter = toParameter(step.name)!
  const { step: size } = limitsOf(step.asset, parameter) as Limits
  const value = Number(currentValue(parametersOf(lab.state(), step.asset), parameter)) + step.steps * size
  // As a person types it, half of the time; else with all the noise of binary addition.
  return lab.propose(step.asset, step.name, step.steps % 1 === 0 ? Number(value.toFixed(6)) : value)
}

function checkState({ state, ledger }: Lab, mode: 'perAsset' | 'perParameter'): void {
  const { changes } = state()
  const open = changes.filter((change) => statusOf(change) === 'observed')
  expect(new Set(open.map(({ asset }) => asset)).size).toBe(open.length)
  expect(ledger.readOpenChanges()).toHaveLength(open.length)
  for (const asset of assets) {
    const parameters = parametersOf(state(), asset)
    for (const name of numbers) {
      const parameter = toParameter(name)!
      const { min, max } = limitsOf(asset, parameter) as Limits
      expect(currentValue(parameters, parameter)).toBeGreaterThanOrEqual(min)
      expect(currentValue(parameters, parameter)).toBeLessThanOrEqual(max)
    }
    const weights = Object.values(parameters.blend.low).reduce((sum, share) => sum + share, 0)
    expect(weights).toBeCloseTo(1, 9)
    checkWaits(
      changes.filter((change) => change.asset === asset),
      mode,
    )
  }
}

function checkWaits(ofAsset: ReturnType<Lab['state']>['changes'], mode: 'perAsset' | 'perParameter'): void {
  for (const [index, change] of ofAsset.entries()) {
    expect(change.proposedAtMs - labStartMs).toBeGreaterThanOrEqual(14 * dayMs)
    const step = limitsOf(change.asset, change.parameter)?.step
    if (step !== undefined) {
      expect(Math.abs(Number(change.newValue) - Number(change.oldValue))).toBeLessThanOrEqual(step + 1e-9)
    }
    for (const earlier of ofAsset.slice(0, index)) {
      const isSame = earlier.parameter.name === change.parameter.name
      const waitDays =
        isSame && change.parameter.name === 'sigma_cap_daily' ? 90 : mode === 'perAsset' || isSame ? 30 : 0
      expect(change.proposedAtMs - earlier.proposedAtMs).toBeGreaterThanOrEqual(waitDays * dayMs)
      expect(statusOf(earlier)).not.toBe('observed')
    }
  }
}
