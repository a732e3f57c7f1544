import { hourSeconds } from '#core/base/time/units'

const unitSeconds = { s: 1, m: 60, h: hourSeconds }

/** Reads a length such as 3600, 1h or 24h as seconds; undefined for anything else. */
export function parseDurationSeconds(text: string): number | undefined {
  const [, amount, unit = 's'] = /^([1-9]\d{0,8})(s|m|h)?$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * unitSeconds[unit as keyof typeof unitSeconds]
}
