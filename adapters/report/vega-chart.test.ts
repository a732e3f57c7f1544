import { expect, it } from 'vitest'
import { widthChart } from '#core/tuning/diagnosis/charts'
import { diagnose } from '#core/tuning/diagnosis/diagnose'
import { makeScoredRows } from '#tests/support/scored-rows'
import { renderChart } from './vega-chart.ts'

const byHourOf = (options: Parameters<typeof makeScoredRows>[0]) =>
  diagnose(makeScoredRows(options)).subjects[0]!.byHour

it('draws the widths of hours, and no bound or mark for what nothing bounds', async () => {
  const usual = byHourOf({ days: 30 })
  const unbounded = byHourOf({ days: 3, widthAt: () => 1e6 })
  expect(unbounded[0]!.width).toBe(Number.POSITIVE_INFINITY)
  const marks = async (hours: typeof usual) => {
    const svg = await renderChart(widthChart('Width by hour', hours))
    expect(svg).not.toMatch(/NaN|Infinity|∞/)
    return svg.match(/aria-roledescription="point"/g)?.length ?? 0
  }
  expect(await marks(usual)).toBe(usual.length)
  const open = { ...usual[0]!, widthInterval: { low: 1, high: Number.POSITIVE_INFINITY } }
  expect(await marks([open, ...usual.slice(1)])).toBe(usual.length)
  expect(await marks([...usual.slice(1), unbounded[0]!])).toBe(usual.length - 1)
})
