/** Half-widths of a normal law that leave out 5 % and 1 %. */
const normalWidths = { 0.95: 1.959963984540054, 0.99: 2.5758293035489004 } as const
export type Level = keyof typeof normalWidths

export interface DrawnBlocks {
  /** The number of neighbouring days in a block. */
  readonly days: number
  readonly blockDays: number
  readonly level: Level
}

/**
 * The factor by which an interval from so few days, drawn in overlapping blocks, is too short. There are two reasons.
 * Blocks vary around a mean that is computed from themselves. And the draws do not know how few days there are;
 * Student's law does. Overlapping blocks are worth 1.5 times as many blocks side by side.
 */
export function fewDaysFactor({ days, blockDays, level }: DrawnBlocks): number {
  const freedom = Math.max(1, (blockDays === 1 ? days : (1.5 * days) / blockDays) - 1)
  return (studentWidth(level, freedom) / normalWidths[level]) * Math.sqrt(days / (days - blockDays))
}

/**
 * Half-width of Student's law that leaves out `1 - level`; the degrees of freedom need not be whole. G. W. Hill,
 * "Algorithm 396: Student's t-quantiles", CACM 13 (1970): within 0.1 % from two degrees on, within 1 % below.
 */
export function studentWidth(level: Level, freedom: number): number {
  const outside = 1 - level
  if (freedom <= 1) return 1 / Math.tan((outside * Math.PI) / 2)
  const a = 1 / (freedom - 0.5)
  const b = 48 / a ** 2
  let c = ((20_700 * (a / b) - 98) * a - 16) * a + 96.36
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * freedom
  let y = (d * outside) ** (2 / freedom)
  if (y <= 0.05 + a) {
    const near = 1 / (((freedom + 6) / (freedom * y) - 0.089 * d - 0.822) * (freedom + 2) * 3) + 0.5 / (freedom + 4)
    y = ((near * y - 1) * (freedom + 1)) / (freedom + 2) + 1 / y
    return Math.sqrt(freedom * y)
  }
  const x = -normalWidths[level]
  y = x ** 2
  if (freedom < 5) c += 0.3 * (freedom - 4.5) * (x + 0.6)
  c += (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b
  y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
  return Math.sqrt(freedom * Math.expm1(a * y ** 2))
}
