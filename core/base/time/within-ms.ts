import type { Clock } from './clock.ts'

/**
 * Races work against a deadline. When the time is up first, the work's signal is aborted and `late` decides the
 * outcome: it returns a value or throws. Later results and failures of the work are dropped. A failure before the
 * deadline goes to the caller. The time is measured from before the work begins.
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
    // The work was first. A promise that never settles loses every race and is garbage-collected.
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([work(timeUp.signal), overran])
  } finally {
    done.abort()
  }
}
