/** The first second of a day in UTC; undefined for a day that is not in the calendar, such as 30 February. */
export function midnightSeconds(year: number, month: number, day: number): number | undefined {
  const date = new Date(0)
  // Not Date.UTC, which moves the years 0 to 99 into the 1900s.
  date.setUTCFullYear(year, month - 1, day)
  const isReal = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.getTime() / 1_000 : undefined
}
