/** The value below which this share of them lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export function describeSpread(valuesMs: readonly number[]): string {
  const [median, p95, max] = [0.5, 0.95, 1].map((share) => quantile(valuesMs, share).toFixed(0))
  return `${median} ms (median; p95 ${p95}, most ${max})`
}
