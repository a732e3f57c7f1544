import { InvalidArgumentError } from 'commander'
import { UsageError } from '#core/base/errors/app-error'
import { dayMs } from '#core/base/time/units'
import { readInstant } from './read-instant.ts'

export interface PeriodOptions {
  readonly days: number
  readonly from?: string
  readonly to?: string
}

export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** `--days`, or `--from` and `--to`. */
export function readPeriod({ days, from, to }: PeriodOptions, nowMs: number): Period {
  const toMs = to === undefined ? nowMs : readInstant(to, '--to')
  const fromMs = from === undefined ? toMs - days * dayMs : readInstant(from, '--from')
  if (fromMs < toMs) return { fromMs, toMs }
  throw new UsageError('USAGE', `The range from ${from ?? `${days} days before`} to ${to ?? 'now'} is empty.`, {
    hint: '--from must be before --to.',
  })
}

/** Reads `--days`. */
export function wholeDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > 3_650) {
    throw new InvalidArgumentError('It must be a whole number of days, 1 to 3650.')
  }
  return days
}
