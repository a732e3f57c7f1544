import type { TestClock } from './test-clock.ts'

/** Answers while the time that the client's own pauses need goes by. */
export async function whileTimePasses<T>(clock: TestClock, asking: Promise<T>): Promise<T> {
  let isDone = false
  const done = asking.finally(() => {
    isDone = true
  })
  while (!isDone) {
    await clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}
