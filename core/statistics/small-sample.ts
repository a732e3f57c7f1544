/** Half-widths of a normal law that leave out 5 % and 1 %. */
const normalWidths = { 0.95: 1.959963984540054, 0.99: 2.5758293035489004 } as const

export type Level = keyof typeof normalWidths

/**
 * By how much an interval drawn from so few blocks is too short: the spread of n values around their own mean is small
 * by sqrt((n - 1) / n), and the bootstrap knows no more than they do, where Student's law knows that they are few.
 */
export function smallSampleFactor(blockCount: number, level: Level): number {
  const z = normalWidths[level]
  const freedom = Math.max(blockCount - 1, 1)
  return (studentWidth(z, freedom) / z) * Math.sqrt(Math.max(blockCount, 2) / freedom)
}

/** Cornish-Fisher: within 1 % from four degrees of freedom on at both levels, wider than that below by too little. */
function studentWidth(z: number, freedom: number): number {
  const g1 = (z ** 3 + z) / 4
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384
  return z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3
}
