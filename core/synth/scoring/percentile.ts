/**
 * The "linear" percentile in the two-sided form that numpy uses: from the lower neighbour below the middle, from the
 * upper one above. The one-sided form is equal in theory and differs in the last bit for about every third field.
 */
export function percentileOf(values: readonly number[], percent: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  const last = sorted.length - 1
  // A typed array sorts NaN to the end; a single NaN makes the whole percentile unknown.
  if (Number.isNaN(sorted[last])) return Number.NaN
  const position = last * (percent / 100)
  const below = Math.floor(position)
  const lower = sorted[below] as number
  const upper = sorted[Math.min(below + 1, last)] as number
  const fraction = position - below
  const distance = upper - lower
  return fraction < 0.5 ? lower + distance * fraction : upper - distance * (1 - fraction)
}
