import { daySeconds, hourSeconds } from '#core/base/time/units'

/** The two kinds of prompt. By the subnet's words an hour is `high` (in frequency) and a day is `low`. */
export const horizons = ['low', 'high'] as const

export type Horizon = (typeof horizons)[number]

/** Up to an hour is `high`; everything longer is `low`. */
export function horizonOf(lengthSeconds: number): Horizon {
  return lengthSeconds <= hourSeconds ? 'high' : 'low'
}

/** The length that the subnet asks for at this horizon. */
export const horizonSeconds = { low: daySeconds, high: hourSeconds } as const satisfies Readonly<
  Record<Horizon, number>
>

/** As people name it. */
export function horizonLabel(horizon: Horizon): '24h' | '1h' {
  return horizon === 'low' ? '24h' : '1h'
}
