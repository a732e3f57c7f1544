const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** New York's distance from UTC by the rule in force since 2007: summer time from the second Sunday of March to the first of November. */
export function newYorkOffsetMs(atMs: number): number {
  const year = new Date(atMs).getUTCFullYear()
  const summerFromMs = nthSundayMs(year, 2, 2) + 7 * hourMs // 02:00 standard time
  const summerToMs = nthSundayMs(year, 10, 1) + 6 * hourMs // 02:00 summer time
  return atMs >= summerFromMs && atMs < summerToMs ? -4 * hourMs : -5 * hourMs
}

function nthSundayMs(year: number, month: number, n: number): number {
  const firstMs = Date.UTC(year, month, 1)
  const daysToSunday = (7 - new Date(firstMs).getUTCDay()) % 7
  return firstMs + (daysToSunday + 7 * (n - 1)) * dayMs
}
