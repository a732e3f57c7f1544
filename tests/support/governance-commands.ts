/** The tuner's commands about parameters, run as a person would, on a database that a miner has open too. */
import { createHash } from 'node:crypto'
import { Command, CommanderError } from 'commander'
import type { z } from 'zod'
import type { Database } from '#adapters/sqlite/database'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { QuietExit } from '#core/base/cli/quiet-exit'
import { AppError } from '#core/base/errors/app-error'
import type { Clock } from '#core/base/time/clock'
import { championModels } from '#core/forecast/models/model-names'
import type { PairedScores } from '#core/tuning/governance/evidence'
import type { BlendScores } from '#core/tuning/governance/fit-blend'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import { addGovernanceCommands } from '#tuner/commands/governance'
import { TestLogger } from './test-logger.ts'

export interface CommandRun {
  readonly lines: readonly string[]
  readonly text: string
  /** `CODE: sentence`; empty when it went well. */
  readonly error: string
  readonly hint: string
  readonly exitCode: number
}

export interface GovernanceCommandsOptions {
  readonly db: Database
  readonly clock: Clock
  readonly scores: PairedScores & BlendScores
  readonly assets: readonly string[]
  readonly served: ServedAnswers
  /** A person at the terminal. */
  readonly ask?: (question: string) => Promise<string | undefined>
}

export function governanceCommands({ db, clock, scores, assets, served, ask }: GovernanceCommandsOptions) {
  const ledger = new SqliteLedgerStore(db)
  const store = new SqliteGovernanceStore(db)
  const settings = { mode: 'perAsset', limits: {}, autoRevert: false, autoPropose: false } as const
  const run = async (...words: string[]): Promise<CommandRun> => {
    const lines: string[] = []
    const root = new Command('tuner').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    addGovernanceCommands(root, {
      open: () => ({
        ...{ ledger, evidence: store, facts: store, runs: store, scores, assets, models: championModels, settings },
        diagnoses: { readFacts: async () => [] },
        served,
        close: () => {},
      }),
      terminal: { write: (line) => void lines.push(line), warn: () => {}, columns: undefined, hasColor: false },
      clock,
      log: new TestLogger(),
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
      ask,
    })
    for (const command of root.commands) command.copyInheritedSettings(root)
    const end = (exitCode: number, error = '', hint = ''): CommandRun => {
      return { lines, text: lines.join('\n'), error, hint, exitCode }
    }
    try {
      await root.parseAsync(words, { from: 'user' })
      return end(0)
    } catch (error) {
      if (error instanceof QuietExit) return end(error.exitCode)
      if (error instanceof CommanderError) return end(64, error.message)
      if (!(error instanceof AppError)) throw error
      return end(error.exitCode, `${error.code}: ${error.message}`, error.hint)
    }
  }
  const json = async <S extends z.ZodType>(shape: S, ...words: string[]): Promise<z.output<S>> =>
    shape.parse(JSON.parse((await run(...words, '--json')).text))
  return { ledger, store, run, json }
}
