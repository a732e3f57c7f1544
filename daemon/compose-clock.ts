import type { HealthBoard } from '#core/base/health/health-board'
import type { ShutdownStack } from '#core/base/lifecycle/shutdown-stack'
import type { Logger } from '#core/base/log/logger'
import type { Clock } from '#core/base/time/clock'
import { ClockJudge } from '#core/base/time/clock-judge'
import { startMinuteTicks } from '#core/base/time/minute-ticks'
import type { TrustedTime, TrustedTimeStore, Uptime } from '#core/base/time/trusted-time'
import type { GovernanceReader } from './compose-store.ts'

export interface ClockParts {
  readonly stack: ShutdownStack
  readonly board: HealthBoard
  readonly stored: GovernanceReader
  readonly clock: Clock
  /** Undefined where the miner lives in a time of its own, as with a stand-in of the market. */
  readonly uptime: Uptime | undefined
  readonly log: Logger
  /** On the thread that writes. */
  readonly saveTrusted: (time: TrustedTime) => void
  readonly recordStart: (atMs: number) => void
  readonly onBug: (error: unknown) => void
}

const ownTime: Uptime = { bootId: '', uptimeMs: () => 0 }
const forgetful: TrustedTimeStore = { readTrusted: () => undefined, saveTrusted: () => {} }

/** The time that all parts of the miner work by, and whether it is trusted. The first start is noted once it is. */
export async function composeClock(parts: ClockParts): Promise<ClockJudge> {
  const { stack, board, stored, clock, uptime, log, onBug, saveTrusted, recordStart } = parts
  const store = uptime === undefined ? forgetful : { readTrusted: () => stored.readTrusted(), saveTrusted }
  const judge = new ClockJudge({ clock, log, store, uptime: uptime ?? ownTime })
  const look = (): void => {
    judge.tick()
    // What could not be noted is noted a minute later.
    if (judge.doubt() === undefined && stored.startedAtMs() === undefined) recordStart(judge.nowMs())
  }
  look()
  const ticks = startMinuteTicks(judge, {}, look)
  ticks.finished.catch(onBug)
  await stack.use('clock', ticks)
  board.register('clock', () => judge.health())
  return judge
}
