import { expect, it } from 'vitest'
import { minuteMs } from '#core/base/time/units'
import { runsLong } from '#tests/support/long-tests'
import { canMountDisks } from '#tests/support/small-disk'
import { runWeek, type WeekReport } from '#tests/support/week/run-week'
import { hourForm, planWeek, weekForm } from '#tests/support/week/week-plan'

/** Another one in each run: what it finds is found again with VOLCAST_TEST_SEED. */
const seed = BigInt(process.env['VOLCAST_TEST_SEED'] ?? Math.floor(Date.now() / 1_000))
const days = Number(process.env['VOLCAST_WEEK_DAYS'] ?? 7)
const form = runsLong ? weekForm(days) : hourForm
const skipped = canMountDisks ? '' : ' (skipped: no user namespaces)'

it.skipIf(!canMountDisks)(
  `${runsLong ? `${days} days` : 'an hour'} of everything at once (seed ${seed}): each prompt is answered, or missed for a declared fault${skipped}`,
  { timeout: 90 * minuteMs },
  async () => {
    const plan = planWeek(seed, form)
    console.log(`seed ${seed}: ${plan.timeZone}, from ${new Date(plan.beginsAtMs).toISOString()}, ${form.speed}x`)
    const report = await runWeek(plan, { oneOf: runsLong ? 4 : 1, tell: (text) => console.log(text) })
    console.log(describe(report))
    expect(report).toMatchObject({ unexplained: [], failures: [], unwell: [], lost: 0, exitCode: 0 })
    expect(report.ledger).toMatchObject({ isSound: true, missing: [] })
    // How long a start takes is the machine's matter.
    expect(report.answered).toBeGreaterThan(10)
    expect(report.mostMegabytes).toBeLessThan(700)
    // After the crowds have gone only what the miner itself needs is open.
    expect(report.lastFiles).toBeLessThan(200)
  },
)

function describe(report: WeekReport): string {
  const { missed, injected, events, unexplained, ...plain } = report
  const shown = { ...plain, missed: list(missed), injected: list(injected), events: list(events) }
  return `${JSON.stringify(shown, null, 1)}\n${unexplained.map((prompt) => JSON.stringify(prompt)).join('\n')}`
}

const list = (counts: ReadonlyMap<string, number>) => Object.fromEntries(counts)
