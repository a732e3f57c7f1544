import { z } from 'zod'
import { bytes, ms } from '#core/base/config/fields'
import { readScheduledEvent } from '#core/forecast/journal/scheduled-events'

function checkEvent(line: string, context: z.RefinementCtx): void {
  if (readScheduledEvent(line) !== undefined) return
  const form = 'a date, a time in New York and a name, such as 2026-12-10 08:30 consumerPrices'
  context.addIssue({ code: 'custom', message: `"${line}" is not ${form}` })
}

/** The section `journal` of the daemon. */
export const journalConfigFields = {
  journal: z
    .strictObject({
      sampling: z
        .enum(['sampled', 'all'])
        .default('sampled')
        .describe('sampled: one per interval, and predictions at an event; all: every prediction'),
      dayEveryMs: ms().default(1_800_000).describe('Least time between kept 24h predictions of an asset'),
      hourEveryMs: ms().default(900_000).describe('Least time between kept 1h predictions of an asset'),
      volatilityEvents: z
        .boolean()
        .default(true)
        .describe('Also keep predictions at a jump of price or volatility, at most one an hour'),
      sessionEdges: z.boolean().default(true).describe('Also keep the first prediction after the bells of New York'),
      calendarEvents: z
        .boolean()
        .default(true)
        .describe("Also keep predictions around America's consumer prices, employment figures and rate decisions"),
      addedEvents: z
        .array(z.string().superRefine(checkEvent))
        .default([])
        .describe('Dates that our calendar does not know, such as 2026-12-10 08:30 consumerPrices; times in New York'),
      retainDays: z.int().min(1).max(3_650).default(180).describe('Predictions older than this are deleted'),
      pricesDays: z
        .int()
        .min(0)
        .max(3_650)
        .default(2)
        .describe('Days after its score during which a prediction keeps its prices; the recipe makes them again'),
      pricesBytes: bytes()
        .default(500_000_000)
        .describe('Beyond so many bytes of prices the oldest go as soon as they are scored'),
      retainBytes: bytes()
        .default(15_000_000_000)
        .describe(
          'Most bytes of prices at all: beyond, the oldest go without a score, and also those that no recipe makes',
        ),
      minFreeBytes: bytes()
        .default(1_000_000_000)
        .describe('Disk space that the journal leaves free; below it, old prices are dropped for new ones'),
      waitMs: z
        .int()
        .min(100)
        .max(30_000)
        .default(2_000)
        .describe('How long an answer waits for its record; then it is sent, and the log says what was not kept'),
      trimCron: z.string().min(1).default('*/10 * * * *').describe('When old predictions are thinned (cron)'),
    })
    .prefault({}),
}

const JournalSection = z.strictObject(journalConfigFields)

export type JournalConfig = z.output<typeof JournalSection>['journal']

export function defaultJournalConfig(): JournalConfig {
  return JournalSection.parse({}).journal
}
