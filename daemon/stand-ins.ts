import type { Command } from 'commander'
import type { SplitArguments } from '#core/base/cli/split-arguments'
import type { Terminal } from '#core/base/cli/terminal'
import type { LastLog } from '#core/base/lifecycle/last-log'

export interface StandInsOutside {
  readonly packageRoot: string
  readonly version: string
  readonly pid: number
  readonly terminal: Terminal
  readonly untilStopped: () => Promise<NodeJS.Signals>
  readonly onBug: (error: unknown) => void
  /** Where a bug is said once a miner has a log. */
  readonly reportBugsTo: (log: LastLog) => void
}

/** What `miner dev` and the demonstration add to the program. Only main.ts knows where they come from. */
export interface StandIns {
  addCommands(program: Command, arguments_: Pick<SplitArguments, 'settings'>): void
  runDemonstration(): Promise<void>
}
