import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import type { ClockJudge } from '#core/base/time/clock-judge'
import type { Uptime } from '#core/base/time/trusted-time'
import { dayMs } from '#core/base/time/units'
import type { ParameterSource } from '#core/forecast/parameters/asset-parameters'
import type { FollowedLedger } from '#core/tuning/governance/ledger'
import type { GovernanceLoss } from '#core/tuning/governance/miner-facts'
import { composeClock } from './compose-clock.ts'
import type { GovernanceReader, MinerStore } from './compose-store.ts'
import { startLiveParameters } from './governance/live-parameters.ts'

export interface GovernanceParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly stored: GovernanceReader
  /** As of the start. */
  readonly losses: readonly GovernanceLoss[]
  readonly copyProblem: string | undefined
  readonly clock: Clock
  readonly uptime: Uptime | undefined
  readonly log: Logger
  readonly onBug: (error: unknown) => void
  /** On the thread that writes. */
  readonly append: MinerStore['appendToLedger']
  readonly saveTrusted: MinerStore['saveTrusted']
  readonly recordStart: MinerStore['recordStart']
}

/** So long the health page shows what a damaged file took along. */
const lossShownMs = 30 * dayMs

export interface RunningGovernance {
  readonly parameters: ParameterSource
  /** Compared with all that is known of the time: what the miner works by from here on. */
  readonly clock: ClockJudge
}

/** The parameters of forecasts, kept up to date with the ledger from here on. */
export async function composeGovernance(parts: GovernanceParts): Promise<RunningGovernance> {
  const { stack, board, stored, losses, log, onBug, append } = parts
  let { copyProblem } = parts
  const ledger: FollowedLedger = {
    head: () => stored.head(),
    read: () => stored.read(),
    appendAfter: async (headId, entries) => {
      const appended = await append(headId, entries)
      copyProblem = appended.copyProblem
      return appended.added
    },
  }
  const clock = await composeClock(parts)
  const { parameters, finished, stop } = startLiveParameters({ ledger, clock, log, doubt: () => clock.doubt(), onBug })
  finished.catch(onBug)
  await stack.use('parameters', { stop })
  board.register('governance', () => {
    const health = parameters.health()
    const recent = losses.filter(({ atMs }) => clock.nowMs() - atMs < lossShownMs)
    const problems = [...recent.map(({ sentence }) => sentence), ...(copyProblem === undefined ? [] : [copyProblem])]
    if (problems.length === 0) return health
    return {
      state: 'degraded',
      sentence: [...problems, health.sentence].join(' '),
      hint:
        recent.length > 0
          ? 'The damaged file is beside the new one. Look at "tuner current", and propose again what is missing.'
          : 'Free some disk space, or check who may write to the folder.',
    }
  })
  return { parameters, clock }
}
