/** Instants as sentences and tables have them; JSON has `formatInstant`. */
export function formatDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** For tables whose head says that it is UTC. */
export function formatBareMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

export function formatMinute(ms: number): string {
  return `${formatBareMinute(ms)} UTC`
}
