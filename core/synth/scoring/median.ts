/** Mean of the two middle values for even counts; NaN for an empty list or when a value is NaN. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  const last = sorted.length - 1
  if (Number.isNaN(sorted[last])) return Number.NaN
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
}
