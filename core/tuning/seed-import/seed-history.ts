import { z } from 'zod'
import { correctStart } from '#core/tuning/governance/correct-clock'
import { parametersOf, replayLedger } from '#core/tuning/governance/governance-state'
import type { LedgerEntry, NewLedgerEntry } from '#core/tuning/governance/ledger'
import { readNumber } from '#core/tuning/governance/number-parameters'
import { limitsOf, toParameter } from '#core/tuning/governance/parameter-catalogue'
import { instantMsOf } from './seed-instant.ts'

interface SeedChange {
  readonly asset: string
  readonly parameter: string
  readonly oldValue: number
  readonly newValue: number
  readonly atMs: number
  readonly reason: string
}

export interface SeedHistory {
  readonly startedAtMs: number | undefined
  /** Oldest first. The older miner kept only the last change of each parameter. */
  readonly changes: readonly SeedChange[]
  readonly problems: readonly string[]
}

const Change = z.looseObject({
  date: z.string(),
  asset: z.string().min(1),
  parameter: z.string(),
  old_value: z.number(),
  new_value: z.number(),
  reason: z.string().default(''),
})

/** The content of tuning_history.json. */
export function readSeedHistory(content: unknown, nowMs: number): SeedHistory {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { startedAtMs: undefined, changes: [], problems: ['it is not an object'] }
  }
  const problems: string[] = []
  const changes: SeedChange[] = []
  let startedAtMs: number | undefined
  for (const [key, value] of Object.entries(content)) {
    if (key === 'miner_start_date') {
      startedAtMs = typeof value === 'string' ? instantMsOf(value) : undefined
      if (startedAtMs === undefined || startedAtMs > nowMs) {
        problems.push(`${key}: ${JSON.stringify(value)} is no time of the past`)
        startedAtMs = undefined
      }
      continue
    }
    const change = readChange(key, value, nowMs)
    if (typeof change === 'string') problems.push(`${key}: ${change}`)
    else changes.push(change)
  }
  return { startedAtMs, changes: changes.sort((a, b) => a.atMs - b.atMs), problems }
}

function readChange(key: string, value: unknown, nowMs: number): SeedChange | string {
  const parsed = Change.safeParse(value)
  if (!parsed.success) return `${parsed.error.issues[0]?.path.join('.') || key} is missing or of another type`
  const { date, asset, parameter: name, old_value: oldValue, new_value: newValue, reason } = parsed.data
  const atMs = instantMsOf(date)
  if (atMs === undefined || atMs > nowMs) return `${date} is no time of the past`
  const parameter = toParameter(name)
  if (parameter?.kind !== 'number') return `there is no parameter ${name}`
  const limits = limitsOf(asset, parameter)
  if (limits !== undefined && !(newValue >= limits.min && newValue <= limits.max)) {
    return `${newValue} is outside ${limits.min} to ${limits.max}`
  }
  return { asset, parameter: name, oldValue, newValue, atMs, reason }
}

/**
 * The history as entries of an empty ledger, each at its own date: the 30 days count from then. The older miner gave no
 * verdicts, so each change is closed as kept, unjudged.
 */
export function historyEntries(
  entries: readonly LedgerEntry[],
  { startedAtMs, changes }: SeedHistory,
  nowMs: number,
): { readonly entries: readonly NewLedgerEntry[]; readonly refusal?: string } {
  if (entries.length > 0) {
    return { entries: [], refusal: 'The ledger has entries already, and older ones cannot be put before them.' }
  }
  const made: NewLedgerEntry[] = []
  if (startedAtMs !== undefined) {
    const start = correctStart({ nowMs, startedAtMs, wrongAtMs: undefined, reason: 'Imported from the older miner' })
    if (start.ok && start.entry !== undefined) made.push({ ...start.entry, atMs: startedAtMs })
  }
  let changeId = 0
  for (const change of changes) {
    const parameter = toParameter(change.parameter)
    if (parameter?.kind !== 'number') continue
    // What was effective here before: the older miner's own defaults are ours.
    const known = made.map((entry, i): LedgerEntry => ({ ...entry, id: i + 1 }))
    const before = readNumber(parametersOf(replayLedger(known), change.asset), parameter.name)
    if (before === change.newValue) continue
    changeId += 1
    const { asset, atMs } = change
    const about = { asset, changeId, atMs: Math.max(atMs, made.at(-1)?.atMs ?? atMs) }
    made.push({
      ...about,
      kind: 'proposed',
      body: {
        parameter: change.parameter,
        oldValue: before,
        newValue: change.newValue,
        before,
        after: change.newValue,
        reason: `Imported from the older miner: ${change.reason || 'no reason given'}`,
        by: 'operator',
        isForced: true,
        evidence: null,
        effectiveAtMs: about.atMs,
      },
    })
    made.push({
      ...about,
      kind: 'verdict',
      body: {
        decision: 'kept',
        assessment: 'unknown',
        comparison: null,
        by: 'operator',
        reason: 'Imported from the older miner, which gave no verdicts',
        effectiveAtMs: null,
      },
    })
  }
  return { entries: made }
}
