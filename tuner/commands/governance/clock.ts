import { z } from 'zod'
import { writeJson } from '#core/base/cli/write-json'
import type { Logger } from '#core/base/log/logger'
import { formatMinute } from '#core/base/time/instant-text'
import { type ClockCorrection, correctEntries, correctStart } from '#core/tuning/governance/correct-clock'
import { minerStartOf, replayLedger } from '#core/tuning/governance/governance-state'
import type { LedgerEntry } from '#core/tuning/governance/ledger'
import { refuseReason } from '#core/tuning/governance/propose-change'
import { readInstant, readOptionalInstant } from '../../options/read-instant.ts'
import { type GovernanceContext, type GovernanceDeps, type JsonOption, refuse, withGovernance } from './context.ts'
import { wrap } from './text.ts'

export interface ClockOptions extends JsonOption {
  readonly reason?: string
  readonly was?: string
}

type Deps = GovernanceDeps & { readonly log: Logger }

/** What the three commands about the clock print. */
export const ClockShape = z.strictObject({
  entry: z.int().nullable().describe('the number of the new entry; null: none was needed'),
  sentence: z.string(),
})

export function correctTime(deps: Deps, options: ClockOptions): Promise<void> {
  const { reason = '' } = options
  const wasMs = readOptionalInstant(options.was, '--was')
  return withGovernance(deps, (context) => {
    write(deps, context, options, (entries) => correctEntries(entries, { nowMs: deps.clock.nowMs(), wasMs, reason }))
  })
}

export function correctFirstStart(deps: Deps, startedAt: string, options: ClockOptions): Promise<void> {
  const { reason = '' } = options
  const startedAtMs = readInstant(startedAt)
  return withGovernance(deps, (context) => {
    write(deps, context, options, (entries) =>
      correctStart({
        ...{ nowMs: deps.clock.nowMs(), startedAtMs, reason },
        wrongAtMs: minerStartOf(replayLedger(entries), context.facts.startedAtMs()),
      }),
    )
  })
}

/** The operator's word for the time of now: the miner takes it at the next minute. */
export function trustClock(deps: Deps, options: ClockOptions): Promise<void> {
  return withGovernance(deps, (context) => {
    const { clock, log, terminal } = deps
    const refusal = refuseReason(options.reason ?? '')
    if (refusal !== undefined) refuse(refusal)
    const nowMs = clock.nowMs()
    context.trustNow?.()
    log.info({ event: 'clock.confirmed', nowMs, reason: options.reason }, 'An operator confirmed the clock')
    const sentence = `It is ${formatMinute(nowMs)}: the miner trusts this clock from the next minute on.`
    if (options.json === true) writeJson(terminal, ClockShape, { entry: null, sentence })
    else for (const line of wrap('', sentence)) terminal.write(line)
  })
}

function write(
  { terminal, log }: Deps,
  context: GovernanceContext,
  options: ClockOptions,
  decide: (entries: readonly LedgerEntry[]) => ClockCorrection,
): void {
  let answer: ClockCorrection | undefined
  const [written] = context.ledger.append((entries) => {
    answer = decide(entries)
    return answer.ok && answer.entry !== undefined ? [answer.entry] : []
  })
  if (answer?.ok !== true) refuse(answer!.refusal)
  context.trustNow?.()
  const { sentence } = answer
  const entry = written?.id ?? null
  log.info({ event: 'ledger.time_corrected', entry, reason: options.reason }, sentence)
  if (options.json === true) writeJson(terminal, ClockShape, { entry, sentence })
  else for (const line of wrap('', sentence)) terminal.write(line)
}
