/** Calls back after that time, unless the process has ended by itself before: this alone keeps no process. */
export function unlessEnded(withinMs: number, callback: () => void): void {
  setTimeout(callback, withinMs).unref()
}
