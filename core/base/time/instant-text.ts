/** Instants in sentences and tables; JSON uses `formatInstant`. */
export function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** For tables whose heading says UTC. */
export function formatBareMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

export function formatMinute(ms: number): string {
  return `${formatBareMinute(ms)} UTC`
}
