import type { FieldPrompt } from '#core/tuning/shadow/field'
import type { PaidReport } from '#core/tuning/shadow/paid-report'
import { reportShadow } from '#core/tuning/shadow/report'
import { madeBook } from './made-journal.ts'

/** A real report of these public scores, with a constant score of ours, paid from a pool of each day. */
export function makePaidReport(
  prompts: readonly FieldPrompt[],
  { fromMs, toMs, ours }: { fromMs: number; toMs: number; ours: (prompt: FieldPrompt) => number | undefined },
): PaidReport {
  const report = reportShadow({
    ...{ book: madeBook, prompts, ourScore: ours, unrecorded: 'skip', isExternalOn: false, registrations: undefined },
    ...{ receivedAtMs: () => undefined, joinedAtMs: 0, mostUpdates: 24, fromMs, nowMs: toMs },
  })
  const days = new Set(prompts.map(({ scoredAtMs }) => new Date(scoredAtMs).toISOString().slice(0, 10)))
  return {
    report: { fromMs, toMs, model: 'served', ...report, gaps: [] },
    pay: {
      pools: [...days].sort().map((day) => ({ day, usd: 9_000 })),
      tao: { usdByDay: new Map([...days].map((day) => [day, 300])), problem: undefined },
    },
    realised: { share: 0.7, measuredOn: '2026-06-01' },
  }
}
