import type { PartHealth } from '#core/base/health/health-board'
import { endedAnnouncements, type ScheduledEvent } from '#core/forecast/journal/scheduled-events'

const words = { consumerPrices: 'consumer prices', employment: 'employment', rateDecision: 'rate decisions' } as const

/** Dates are published a year ahead: a release that nobody has updated since knows none of the next year's. */
export function describeCalendar(added: readonly ScheduledEvent[], nowMs: number): PartHealth {
  const ended = endedAnnouncements(added, nowMs)
  if (ended.length === 0) return { state: 'ok', sentence: 'The next dates of all announcements are known.' }
  const list = ended.map(({ name, lastDay }) => `${words[name]} (the last is ${lastDay})`).join(' and ')
  return {
    state: 'notConfigured',
    sentence: `No further date of ${list} is known: predictions around them are not kept, and the calibrated model expects no jump there.`,
    hint: `Update the miner, or add what is published to journal.addedEvents, one by one as "2026-12-10 08:30 ${ended[0]!.name}".`,
  }
}
