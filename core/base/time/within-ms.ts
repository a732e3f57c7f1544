import type { Clock } from './clock.ts'

/**
 * Races work against a deadline. When the time is up first, the work's signal is aborted and `late` decides the outcome:
 * it returns a value or throws. What the work does after that, failure included, is dropped. The work's own failure
 * before the deadline is the caller's. The time is measured from before the work begins.
 */
export async function withinMs<T, L>(
  clock: Clock,
  limitMs: number,
  work: (timeUp: AbortSignal) => Promise<T>,
  late: () => L,
): Promise<T | L> {
  const timeUp = new AbortController()
  const done = new AbortController()
  const overran = clock.sleep(limitMs, done.signal).then(
    () => {
      timeUp.abort()
      return late()
    },
    // The work was done first. A promise that never settles loses every race and is collected.
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([work(timeUp.signal), overran])
  } finally {
    done.abort()
  }
}
