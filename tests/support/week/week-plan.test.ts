import { expect, it } from 'vitest'
import { faultKinds, hourForm, outageOf, planWeek, priceServers, weekForm } from './week-plan.ts'

const seeds = Array.from({ length: 200 }, (_, i) => BigInt(i) * 7_919n)

it('makes the same plan of the same seed, and another of another', () => {
  expect(planWeek(5n, weekForm())).toEqual(planWeek(5n, weekForm()))
  expect(planWeek(5n, weekForm()).faults).not.toEqual(planWeek(6n, weekForm()).faults)
})

it.each([hourForm, weekForm(), weekForm(1)])('has every kind of fault within its time, and a quiet end', (form) => {
  for (const seed of seeds) {
    const { faults, lengthMs } = planWeek(seed, form)
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds))
    expect(faults.every(({ fromMs, toMs }) => fromMs >= 0 && toMs <= lengthMs - 8_000 * form.speed)).toBe(true)
  }
})

it('changes the clocks of its time zone within the run', () => {
  for (const seed of seeds) {
    const { timeZone, beginsAtMs, lengthMs, speed } = planWeek(seed, hourForm)
    const offsetAt = (ms: number) =>
      new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).format(beginsAtMs + ms)
    const parts = [offsetAt(15_000 * speed), offsetAt(15_000 * speed + lengthMs)].map((text) =>
      text.replace(/^.*GMT/, ''),
    )
    expect(parts[0]).not.toBe(parts[1])
  }
})

it('puts one server out, or all, and always the same for one fault', () => {
  for (const fault of planWeek(1n, weekForm()).faults) {
    if (fault.kind !== 'venueOutage' && fault.kind !== 'marketOutage') continue
    const { servers } = outageOf(fault)
    expect(servers).toHaveLength(fault.kind === 'marketOutage' ? priceServers.length : 1)
    expect(outageOf(fault)).toEqual(outageOf(fault))
  }
})
