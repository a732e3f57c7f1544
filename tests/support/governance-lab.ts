import { onTestFinished } from 'vitest'
import { SqliteGovernanceStore } from '#adapters/sqlite/governance-store'
import { SqliteLedgerStore } from '#adapters/sqlite/ledger-store'
import { SplitMix64 } from '#core/base/random/rng'
import { dayMs } from '#core/base/time/units'
import { championModels } from '#core/forecast/models/model-names'
import type { ClockCorrection } from '#core/tuning/governance/correct-clock'
import type { Evidence, PairedScores, PairsQuestion } from '#core/tuning/governance/evidence'
import type { BlendScores, BlendsQuestion, PromptTotal } from '#core/tuning/governance/fit-blend'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import type { LedgerEntry } from '#core/tuning/governance/ledger'
import type { PairedScore } from '#core/tuning/governance/paired-comparison'
import { findParameter, type ParameterValue } from '#core/tuning/governance/parameter-catalogue'
import { type Gate, type Proposal, proposeChange } from '#core/tuning/governance/propose-change'
import type { ServedAnswers } from '#core/tuning/governance/reach'
import { revertChange } from '#core/tuning/governance/revert-change'
import { JumpingClock } from './jumping-clock.ts'
import { servedByAll } from './served-by.ts'
import { openMemoryGovernance } from './test-database.ts'
import { TestLogger } from './test-logger.ts'

export const labStartMs = Date.UTC(2026, 8, 1, 12)

/** Scores whose difference the test sets: the new one is `factor` times the old one, give or take some noise. */
export class MadeScores implements PairedScores, BlendScores {
  factor = 1
  /** Of each model alone, and what two of them gain by being different. */
  blends: { readonly alone: Readonly<Record<string, number>>; readonly gain: number } = { alone: {}, gain: 0 }
  promptsPerDay = 24
  noise = 0.01
  readonly questions: PairsQuestion[] = []
  readonly blendQuestions: BlendsQuestion[] = []

  async readPairs(question: PairsQuestion): Promise<readonly PairedScore[]> {
    this.questions.push(question)
    return madePairs({ ...question, factor: this.factor, promptsPerDay: this.promptsPerDay, noise: this.noise })
  }

  async scoreBlends(question: BlendsQuestion): Promise<readonly (readonly PromptTotal[])[]> {
    this.blendQuestions.push(question)
    const prompts = madePairs({ ...question, factor: 1, promptsPerDay: this.promptsPerDay })
    return question.blends.map((shares) => {
      const models = Object.keys(shares)
      const mean = models.reduce((sum, model) => sum + shares[model]! * (this.blends.alone[model] ?? 100), 0)
      const pairs = models.reduce((product, model) => product * shares[model]!, models.length === 2 ? 1 : 0)
      return prompts.map(({ startAtMs }, i) => {
        return { name: `p${i}`, startAtMs, total: mean - this.blends.gain * pairs }
      })
    })
  }
}

export function madePairs(options: {
  fromMs: number
  toMs: number
  factor: number
  promptsPerDay?: number
  noise?: number
  timeLengthSeconds?: number
}): PairedScore[] {
  const { fromMs, toMs, factor, promptsPerDay = 24, noise = 0.01, timeLengthSeconds = 3600 } = options
  const rng = new SplitMix64(7n)
  const scores: PairedScore[] = []
  for (let atMs = fromMs; atMs + timeLengthSeconds * 1000 <= toMs; atMs += dayMs / promptsPerDay) {
    const oldScore = 100 * (1 + rng.next())
    scores.push({
      startAtMs: atMs,
      timeLengthSeconds,
      oldScore,
      newScore: oldScore * (factor + noise * (rng.next() - 0.5)),
    })
  }
  return scores
}

/** A ledger in memory, a clock that stands, and a miner that first ran on 2026-09-01. */
export function aGovernanceLab(
  options: { started?: boolean; mode?: 'perAsset' | 'perParameter'; served?: ServedAnswers } = {},
) {
  const served = options.served ?? servedByAll
  const clock = new JumpingClock(labStartMs)
  const log = new TestLogger()
  const db = openMemoryGovernance()
  onTestFinished(() => void db.close())
  const ledger = new SqliteLedgerStore(db)
  const store = new SqliteGovernanceStore(db)
  if (options.started !== false) store.recordStart(labStartMs)
  const settings = { mode: options.mode ?? 'perAsset', limits: {}, autoRevert: false, autoPropose: false } as const
  const state = () => replayLedger(ledger.read())
  /** Through the real gate; forced unless there is evidence. */
  const propose = (
    asset: string,
    name: string,
    value: ParameterValue,
    extra: { evidence?: Evidence; isForced?: boolean; reason?: string; by?: Proposal['by'] } = {},
  ): Gate => {
    const found = findParameter(name, championModels)
    if (!found.ok) throw new Error(`no parameter ${name}`)
    const proposal: Proposal = {
      ...{ asset, parameter: found.parameter, value, by: extra.by ?? 'operator', reason: extra.reason ?? 'a test' },
      isForced: extra.isForced ?? extra.evidence === undefined,
    }
    let gate: Gate | undefined
    ledger.append((entries) => {
      const given = {
        nowMs: clock.nowMs(),
        minerStartedAtMs: minerStartOf(replayLedger(entries), store.startedAtMs()),
        settings,
        served,
        evidence: extra.evidence,
      }
      gate = proposeChange(replayLedger(entries), proposal, given)
      return gate.ok ? gate.entries : []
    })
    return gate!
  }
  const revert = (changeId: number, reason = 'a test') => {
    let code: string = 'ok'
    ledger.append((entries) => {
      const answer = revertChange(replayLedger(entries), {
        ...{ changeId, reason, by: 'operator', nowMs: clock.nowMs(), assessment: 'unknown', comparison: null },
      })
      if (!answer.ok) code = answer.refusal.code
      return answer.ok ? [answer.entry] : []
    })
    return code
  }
  const correct = (decide: (entries: readonly LedgerEntry[]) => ClockCorrection): string => {
    let answer: ClockCorrection | undefined
    ledger.append((entries) => {
      answer = decide(entries)
      return answer.ok && answer.entry !== undefined ? [answer.entry] : []
    })
    if (answer?.ok !== true) return answer!.refusal.code
    return answer.entry === undefined ? 'nothing' : 'ok'
  }
  const days = (count: number) => clock.advance(count * dayMs)
  return { clock, log, db, ledger, store, settings, served, state, propose, revert, correct, days }
}

export function codeOf(gate: Gate): string {
  return gate.ok ? 'ok' : gate.refusal.code
}
